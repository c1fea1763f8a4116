-- JSON (RFC 8259) of data: nil, booleans, numbers, strings in UTF-8, lists and records.

local kDepthMax <const> = 200

-- ---- Writing.

local kEscapes <const> = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t",
}

local function throw_at(path, what)
  intrinsic.error("json: " .. (path == "" and "the value" or path) .. " " .. what)
end

local function written_string(text, path)
  if not utf8.len(text) then throw_at(path, "has bytes that are not UTF-8") end
  local parts = {}
  local count = 0
  local from = 1
  while true do
    local at = string.find(text, '[%c"\\]', from)
    count = count + 1
    if not at then
      parts[count] = string.sub(text, from)
      break
    end
    local letter = string.sub(text, at, at)
    parts[count] = string.sub(text, from, at - 1)
    count = count + 1
    parts[count] = kEscapes[letter] or string.format("\\u%04x", string.byte(letter))
    from = at + 1
  end
  return '"' .. table.concat(parts, "", 1, count) .. '"'
end

local function written_number(number, path)
  number = intrinsic.whole(number)
  if math.type(number) == "integer" then return string.format("%d", number) end
  if number ~= number or number == 1 / 0 or number == -1 / 0 then
    throw_at(path, "is no number that JSON has")
  end
  -- The fewest digits that give the number back.
  for digits = 15, 17 do
    local text = string.format("%." .. digits .. "g", number)
    if tonumber(text) == number then
      if string.find(text, "[.e]") then return text end
      return text .. ".0"
    end
  end
end

-- Length of a table with the keys 1 .. n alone; nil: it is a record. An empty table is a record.
local function list_length(value, path)
  local count = 0
  local names = 0
  local key = next(value)
  while key ~= nil do
    if type(key) == "string" then
      names = names + 1
    elseif math.type(key) == "integer" then
      count = count + 1
    else
      throw_at(path, "has a key that is neither a name nor a position")
    end
    key = next(value, key)
  end
  if count == 0 then return nil end
  if names > 0 then throw_at(path, "has both names and positions as keys") end
  for i = 1, count do
    if rawget(value, i) == nil then throw_at(path, "is a list with gaps") end
  end
  return count
end

local function encode(value, indent)
  if indent ~= nil then
    indent = intrinsic.check_integer(indent, 2)
    if indent < 0 or indent > 10 then intrinsic.arg_error(2, "not from 0 to 10") end
  end
  local out = {}
  local count = 0
  -- What is being written: the table, its length or nil, how far it is, its path.
  local tables, lengths, positions, paths = {}, {}, {}, {}
  local depth = 0

  local function put(text)
    count = count + 1
    out[count] = text
  end
  local function new_line()
    if indent then put("\n" .. string.rep(" ", indent * depth)) end
  end
  -- Writes what is no table; a table is begun. False: it is to be gone into.
  local function begin(one, path)
    local kind = type(one)
    if kind == "string" then
      put(written_string(one, path))
    elseif kind == "number" then
      put(written_number(one, path))
    elseif kind == "boolean" then
      put(one and "true" or "false")
    elseif kind == "nil" then
      put("null")
    elseif kind ~= "table" then
      throw_at(path, "is a " .. kind)
    elseif next(one) == nil then
      put("{}")
    else
      for i = 1, depth do
        if rawequal(tables[i], one) then throw_at(path, "contains itself") end
      end
      if depth == kDepthMax then throw_at(path, "is nested too deeply") end
      local length = list_length(one, path)
      depth = depth + 1
      tables[depth] = one
      lengths[depth] = length or false
      positions[depth] = length and 0 or nil
      paths[depth] = path
      put(length and "[" or "{")
    end
  end

  begin(value, "")
  while depth > 0 do
    local one, length, path = tables[depth], lengths[depth], paths[depth]
    if length then
      local position = positions[depth] + 1
      if position > length then
        depth = depth - 1
        new_line()
        put("]")
      else
        positions[depth] = position
        if position > 1 then put(",") end
        new_line()
        begin(rawget(one, position), path .. "[" .. position .. "]")
      end
    else
      local last = positions[depth]
      local key, member = next(one, last)
      if key == nil then
        depth = depth - 1
        new_line()
        put("}")
      else
        positions[depth] = key
        if last ~= nil then put(",") end
        new_line()
        put(written_string(key, path))
        put(indent and ": " or ":")
        begin(member, path == "" and key or path .. "." .. key)
      end
    end
  end
  return table.concat(out, "", 1, count)
end

-- ---- Reading. Errors are (nil, message), as the text often comes from elsewhere.

local kLetters <const> = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

-- The character of \uXXXX at `at`, and the position behind it; or nil and what is wrong.
local function read_unicode(text, at)
  local digits = string.match(text, "^%x%x%x%x", at + 2)
  if not digits then return nil, "\\u needs four digits" end
  local code = tonumber(digits, 16)
  if code >= 0xdc00 and code < 0xe000 then return nil, "half a surrogate pair" end
  if code < 0xd800 or code >= 0xe000 then return utf8.char(code), at + 6 end
  local low = string.match(text, "^\\u(%x%x%x%x)", at + 6)
  low = low and tonumber(low, 16)
  if not low or low < 0xdc00 or low > 0xdfff then return nil, "half a surrogate pair" end
  return utf8.char(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)), at + 12
end

-- The string whose first quote is at `at`, and the position behind it; or nil and what is wrong.
local function read_string(text, at)
  local from = at + 1
  local stop = string.find(text, '[%c"\\]', from)
  if stop and string.byte(text, stop) == 34 then return string.sub(text, from, stop - 1), stop + 1 end
  local parts = {}
  local count = 0
  while true do
    -- 127 is a control character for patterns, and none for JSON.
    while stop and string.byte(text, stop) == 127 do
      stop = string.find(text, '[%c"\\]', stop + 1)
    end
    if not stop then return nil, "a string has no end" end
    count = count + 1
    parts[count] = string.sub(text, from, stop - 1)
    local byte = string.byte(text, stop)
    if byte == 34 then return table.concat(parts, "", 1, count), stop + 1 end
    if byte ~= 92 then return nil, "a control character in a string" end
    local letter = string.sub(text, stop + 1, stop + 1)
    count = count + 1
    if letter == "u" then
      local character, behind = read_unicode(text, stop)
      if not character then return nil, behind end
      parts[count] = character
      from = behind
    else
      local meaning = kLetters[letter]
      if not meaning then return nil, "an unknown escape" end
      parts[count] = meaning
      from = stop + 2
    end
    stop = string.find(text, '[%c"\\]', from)
  end
end

-- The number at `at`, and the position behind it; or nil.
local function read_number(text, at)
  local _, last = string.find(text, "^%-?%d+", at)
  if not last then return nil end
  if string.find(text, "^%-?0%d", at) then return nil end
  local is_float = false
  local _, fraction = string.find(text, "^%.%d+", last + 1)
  if fraction then
    is_float = true
    last = fraction
  end
  local _, exponent = string.find(text, "^[eE][+-]?%d+", last + 1)
  if exponent then
    is_float = true
    last = exponent
  end
  local digits = string.sub(text, at, last)
  local number = is_float and tonumber(digits) or math.tointeger(tonumber(digits)) or
                 tonumber(digits .. ".0")
  if not number or number == 1 / 0 or number == -1 / 0 then return nil end
  return intrinsic.own_number(number), last + 1
end

local function decode(text)
  text = intrinsic.check_string(text, 1)
  local tables, names = {}, {}
  local depth = 0
  local at = string.find(text, "[^ \t\r\n]") or #text + 1

  local function failed(what)
    return nil, "json: byte " .. at .. ": " .. what
  end

  while true do
    -- A value begins here, or a list or record that is empty ends.
    local value
    local is_begun = false
    local byte = string.byte(text, at)
    if byte == 34 then
      local read, behind = read_string(text, at)
      if not read then return failed(behind) end
      value = read
      at = behind
    elseif byte == 123 or byte == 91 then
      if depth == kDepthMax then return failed("nested too deeply") end
      value = {}
      depth = depth + 1
      tables[depth] = value
      names[depth] = byte == 91 and 0 or ""
      at = string.find(text, "[^ \t\r\n]", at + 1) or #text + 1
      if string.byte(text, at) == byte + 2 then
        depth = depth - 1
        at = at + 1
      else
        is_begun = true
      end
    elseif byte == 116 and string.sub(text, at, at + 3) == "true" then
      value = true
      at = at + 4
    elseif byte == 102 and string.sub(text, at, at + 4) == "false" then
      value = false
      at = at + 5
    elseif byte == 110 and string.sub(text, at, at + 3) == "null" then
      at = at + 4
    else
      local read, behind = read_number(text, at)
      if not read then return failed(byte and "no JSON value" or "a value is missing") end
      value = read
      at = behind
    end

    -- What is complete goes to where it belongs; what that completes, too.
    while not is_begun do
      at = string.find(text, "[^ \t\r\n]", at) or #text + 1
      if depth == 0 then
        if at <= #text then return failed("there is something after the value") end
        return value
      end
      local owner, name = tables[depth], names[depth]
      local ending = 125
      if type(name) == "number" then
        ending = 93
        name = name + 1
        names[depth] = name
      end
      owner[name] = value
      local mark = string.byte(text, at)
      if mark == 44 then
        at = string.find(text, "[^ \t\r\n]", at + 1) or #text + 1
        is_begun = true
      elseif mark == ending then
        at = at + 1
        depth = depth - 1
        value = owner
      else
        return failed(ending == 93 and "expected ',' or ']'" or "expected ',' or '}'")
      end
    end

    if type(names[depth]) == "string" then
      if string.byte(text, at) ~= 34 then return failed("expected a name in quotes") end
      local name, behind = read_string(text, at)
      if not name then return failed(behind) end
      names[depth] = name
      at = string.find(text, "[^ \t\r\n]", behind) or #text + 1
      if string.byte(text, at) ~= 58 then return failed("expected ':'") end
      at = string.find(text, "[^ \t\r\n]", at + 1) or #text + 1
    end
  end
end

return {
  ["json.encode"] = encode,
  ["json.decode"] = decode,
}
