-- A JSON reader and writer, over documents with lists, objects, escapes and numbers of all kinds.
--
-- group: programs
-- small: 20

local size = tonumber((...)) or 600

local Parser = {}
Parser.__index = Parser

function Parser.new(text)
  return setmetatable({text = text, position = 1}, Parser)
end

function Parser:fail(message)
  error(string.format("%s at %d", message, self.position), 0)
end

function Parser:skip_space()
  self.position = self.text:find("[^ \t\r\n]", self.position) or #self.text + 1
end

function Parser:peek()
  return self.text:sub(self.position, self.position)
end

function Parser:accept(character)
  if self:peek() == character then
    self.position = self.position + 1
    return true
  end
  return false
end

function Parser:expect(character)
  if not self:accept(character) then
    self:fail("'" .. character .. "' expected")
  end
end

local null = {}
local literals = {{"true", true}, {"false", false}, {"null", null}}

function Parser:literal()
  for _, literal in ipairs(literals) do
    local word = literal[1]
    if self.text:sub(self.position, self.position + #word - 1) == word then
      self.position = self.position + #word
      return literal[2]
    end
  end
  self:fail("value expected")
end

function Parser:number()
  local _, last = self.text:find("^-?%d+%.?%d*[eE]?[-+]?%d*", self.position)
  if not last then
    self:fail("number expected")
  end
  local value = tonumber(self.text:sub(self.position, last))
  self.position = last + 1
  return value
end

local short_escapes = {
  b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/",
}

-- The bytes of a code point below 65536.
local function utf8_bytes(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  end
  return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

function Parser:string()
  self:expect('"')
  local text, pieces = self.text, nil
  local first = self.position
  while true do
    local stop = text:find('["\\]', self.position)
    if not stop then
      self:fail("text without end")
    end
    local piece = text:sub(first, stop - 1)
    if text:byte(stop) == 34 then
      self.position = stop + 1
      if not pieces then
        return piece
      end
      pieces[#pieces + 1] = piece
      return table.concat(pieces)
    end
    pieces = pieces or {}
    pieces[#pieces + 1] = piece
    local escape = text:sub(stop + 1, stop + 1)
    if escape == "u" then
      pieces[#pieces + 1] = utf8_bytes(tonumber(text:sub(stop + 2, stop + 5), 16))
      first = stop + 6
    else
      pieces[#pieces + 1] = short_escapes[escape] or self:fail("unknown escape")
      first = stop + 2
    end
    self.position = first
  end
end

function Parser:array()
  local list = {}
  self:expect("[")
  self:skip_space()
  if self:accept("]") then
    return list
  end
  repeat
    list[#list + 1] = self:value()
    self:skip_space()
  until not self:accept(",")
  self:expect("]")
  return list
end

function Parser:object()
  local object = {}
  self:expect("{")
  self:skip_space()
  if self:accept("}") then
    return object
  end
  repeat
    self:skip_space()
    local name = self:string()
    self:skip_space()
    self:expect(":")
    object[name] = self:value()
    self:skip_space()
  until not self:accept(",")
  self:expect("}")
  return object
end

function Parser:value()
  self:skip_space()
  local character = self:peek()
  if character == "{" then
    return self:object()
  elseif character == "[" then
    return self:array()
  elseif character == '"' then
    return self:string()
  elseif character:find("[-%d]") then
    return self:number()
  end
  return self:literal()
end

local function parse(text)
  local parser = Parser.new(text)
  local value = parser:value()
  parser:skip_space()
  if parser.position <= #text then
    parser:fail("end expected")
  end
  return value
end

local function quote(text)
  local quoted = text:gsub('[%c"\\]', function(character)
    if character == "\n" then
      return "\\n"
    elseif character == '"' or character == "\\" then
      return "\\" .. character
    end
    return string.format("\\u%04x", character:byte())
  end)
  return '"' .. quoted .. '"'
end

local function write(value, out)
  local kind = type(value)
  if value == null then
    out[#out + 1] = "null"
  elseif kind == "table" and (value[1] ~= nil or next(value) == nil) then
    out[#out + 1] = "["
    for i, element in ipairs(value) do
      if i > 1 then
        out[#out + 1] = ","
      end
      write(element, out)
    end
    out[#out + 1] = "]"
  elseif kind == "table" then
    local names = {}
    for name in pairs(value) do
      names[#names + 1] = name
    end
    table.sort(names)
    for i, name in ipairs(names) do
      out[#out + 1] = i == 1 and "{" or ","
      out[#out + 1] = quote(name)
      out[#out + 1] = ":"
      write(value[name], out)
    end
    out[#out + 1] = "}"
  elseif kind == "string" then
    out[#out + 1] = quote(value)
  elseif kind == "number" then
    out[#out + 1] = string.format("%.14g", value)
  else
    out[#out + 1] = tostring(value)
  end
end

local function to_json(value)
  local out = {}
  write(value, out)
  return table.concat(out)
end

local function document(n)
  local items = {}
  for i = 1, 12 do
    items[i] = string.format(
      '  { "id": %d, "name": "item \\"%d\\"", "price": %d.5, "tags": ["a", "b\\n", "caf\\u00e9"],'
        .. ' "size": {"w": 1.5e2, "h": -20}, "stock": %s, "note": null }',
      n * 100 + i, i, i, i % 3 == 0 and "true" or "false")
  end
  return '{ "version": 2,\n "items": [\n' .. table.concat(items, ",\n") .. '\n ],\n "empty": [] }\n'
end

local bad = {
  '{"a": 1,}', "[1, 2", '{"a" 1}', "tru", '"open', "[1] 2", '{"a": "\\q"}', "",
}

for i = 1, size do
  local text = document(i)
  local value = parse(text)
  assert(value.version == 2 and #value.items == 12 and #value.empty == 0, "document")
  local third = value.items[3]
  assert(third.id == i * 100 + 3 and third.name == 'item "3"' and third.stock == true, "item")
  assert(third.size.w == 150 and third.size.h == -20 and third.note == null, "numbers")
  assert(third.tags[2] == "b\n" and third.tags[3] == "caf\195\169", "escapes")
  local written = to_json(value)
  assert(to_json(parse(written)) == written and #written < #text, "there and back")
  local ok, message = pcall(parse, bad[i % #bad + 1])
  assert(not ok and message:find(" at %d+$"), "bad text")
end
