-- A JSON writer and reader: recursion, string functions, error positions.
local escapes = {['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t"}
local function encode(v)
  local kind = type(v)
  if kind == "string" then
    return '"' .. v:gsub('[%c"\\]', function(c)
      return escapes[c] or string.format("\\u%04x", c:byte())
    end) .. '"'
  elseif kind == "table" then
    local parts = {}
    if #v > 0 then
      for i, item in ipairs(v) do parts[i] = encode(item) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    local keys = {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys)
    for i, k in ipairs(keys) do parts[i] = encode(k) .. ":" .. encode(v[k]) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  return tostring(v)
end

local decode_value
local function skip(s, i) return s:find("%S", i) or #s + 1 end
local function fail(s, i, what) error(("%s expected at %d"):format(what, i), 0) end
local function decode_string(s, i)
  local out = {}
  i = i + 1
  while true do
    local stop = s:find('["\\]', i) or fail(s, i, "end of string")
    out[#out + 1] = s:sub(i, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(out), stop + 1 end
    local c = s:sub(stop + 1, stop + 1)
    if c == "u" then
      out[#out + 1] = utf8.char(tonumber(s:sub(stop + 2, stop + 5), 16))
      i = stop + 6
    else
      out[#out + 1] = ({n = "\n", t = "\t"})[c] or c
      i = stop + 2
    end
  end
end
function decode_value(s, i)
  i = skip(s, i)
  local c = s:sub(i, i)
  if c == '"' then return decode_string(s, i) end
  if c == "[" or c == "{" then
    local t, close, n = {}, c == "[" and "]" or "}", 0
    i = skip(s, i + 1)
    while s:sub(i, i) ~= close do
      local k
      if close == "}" then
        k, i = decode_value(s, i)
        i = skip(s, i)
        if s:sub(i, i) ~= ":" then fail(s, i, "colon") end
        i = i + 1
      else
        n = n + 1
        k = n
      end
      t[k], i = decode_value(s, i)
      i = skip(s, i)
      if s:sub(i, i) == "," then i = i + 1 elseif s:sub(i, i) ~= close then fail(s, i, close) end
      i = skip(s, i)
    end
    return t, i + 1
  end
  local word = s:match("^[%w%.%+%-]+", i) or fail(s, i, "value")
  local constants = {["true"] = true, ["false"] = false}
  if constants[word] ~= nil then return constants[word], i + #word end
  return tonumber(word) or fail(s, i, "number"), i + #word
end

local text = '{"list": [1, 2.5, -3e2, true, false], "nested": {"a": [[], [[1]]]}, ' ..
  '"s": "q\\"\\u00e4\\n"}'
local value = decode_value(text, 1)
print(encode(value))
-- expect: {"list":[1,2.5,-300.0,true,false],"nested":{"a":[{},[[1]]]},"s":"q\"ä\n"}
print(value.list[3], value.s, #value.nested.a)
-- expect: -300.0 q"ä
-- expect: 2
print(encode(decode_value(encode(value), 1)) == encode(value)) -- expect: true
for _, bad in ipairs {"[1 2]", '{"a" 1}', '"open', "[1,", "[?]"} do
  print(select(2, pcall(decode_value, bad, 1)))
  -- expect: ] expected at 4
  -- expect: colon expected at 6
  -- expect: end of string expected at 2
  -- expect: value expected at 4
  -- expect: value expected at 2
end
