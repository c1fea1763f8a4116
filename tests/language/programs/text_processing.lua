-- Word counts, wrapping, a template, a CSV reader, run-length coding, a caesar cipher.
local text = [[the quick brown fox jumps over the lazy dog; the dog sleeps, and the fox is gone]]
local counts, words = {}, {}
for w in text:gmatch("%a+") do
  if not counts[w] then words[#words + 1] = w end
  counts[w] = (counts[w] or 0) + 1
end
table.sort(words, function(a, b)
  return counts[a] > counts[b] or counts[a] == counts[b] and a < b
end)
for i = 1, 4 do io.write(words[i], "=", counts[words[i]], " ") end
print(#words) -- expect: the=4 dog=2 fox=2 and=1 12
local function wrap(s, width)
  local lines, line = {}, ""
  for w in s:gmatch("%S+") do
    if #line + #w + 1 > width and line ~= "" then lines[#lines + 1] = line line = w
    else line = line == "" and w or line .. " " .. w end
  end
  lines[#lines + 1] = line
  return lines
end
for _, l in ipairs(wrap(text, 30)) do print(l) end
-- expect: the quick brown fox jumps over
-- expect: the lazy dog; the dog sleeps,
-- expect: and the fox is gone
local function render(template, env)
  return (template:gsub("{{(.-)}}", function(code)
    return tostring(assert(load("return " .. code, "=template", "t", env))())
  end))
end
local env = {name = "Ann", items = {"a", "b"}}
print(render("{{name}} has {{#items}} items, first {{items[1]:upper()}}", env))
-- expect: Ann has 2 items, first A
local function csv(line)
  local fields = {}
  line = line .. ","
  local i = 1
  while i <= #line do
    if line:sub(i, i) == '"' then
      local value, next_i = "", i
      repeat
        local _, stop, part = line:find('^"([^"]*)"', next_i)
        value = value .. part .. '"'
        next_i = stop + 1
      until line:sub(next_i, next_i) ~= '"'
      fields[#fields + 1] = value:sub(1, -2)
      i = next_i + 1
    else
      local stop = line:find(",", i, true)
      fields[#fields + 1] = line:sub(i, stop - 1)
      i = stop + 1
    end
  end
  return fields
end
print(table.concat(csv('1,two,"three, four","say ""hi""",,end'), "|"))
-- expect: 1|two|three, four|say "hi"||end
local function rle(s)
  local out = {}
  local i = 1
  while i <= #s do
    local c = s:sub(i, i)
    local run = s:match("^" .. c .. "+", i)
    out[#out + 1] = #run .. c
    i = i + #run
  end
  return table.concat(out)
end
local packed = rle("aaabccddddd")
print(packed, (packed:gsub("(%d+)(%a)", function(n, c) return c:rep(tonumber(n)) end)))
-- expect: 3a1b2c5d aaabccddddd
local function caesar(s, n)
  return (s:gsub("%a", function(c)
    local base = c:match("%l") and 97 or 65
    return string.char((c:byte() - base + n) % 26 + base)
  end))
end
print(caesar("Hello, World", 3), caesar(caesar("Hello, World", 3), -3))
-- expect: Khoor, Zruog Hello, World
