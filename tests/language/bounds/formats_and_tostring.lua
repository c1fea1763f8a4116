-- Wide formats, and values whose text has to be computed by the script.
local numbers = {}
for i = 1, 40 do numbers[i] = i end
print(#string.format(("%99d"):rep(40), table.unpack(numbers))) -- expect: 3960
print(#string.format(("%-50s|"):rep(40), table.unpack(numbers))) -- expect: 2040
local mt = {}
mt.__tostring = function(v)
  if #v.children == 0 then return v.name end
  local parts = {}
  for i, c in ipairs(v.children) do parts[i] = tostring(c) end
  return v.name .. "(" .. table.concat(parts, " ") .. ")"
end
local function node(name, ...) return setmetatable({name = name, children = {...}}, mt) end
local tree = node("root", node("a", node("b"), node("c", node("d"))), node("e"))
print(tree) -- expect: root(a(b c(d)) e)
print(tostring(tree), string.format("%s and %s", tree.children[1], tree.children[2]))
-- expect: root(a(b c(d)) e) a(b c(d)) and e
print(#string.format("%10s%-10s", tree.children[2], node("xyz"))) -- expect: 20
local deep = node("leaf")
for i = 1, 40 do deep = node("n" .. i, deep) end
print(#tostring(deep)) -- expect: 195
-- An error on the way leaves nothing behind.
local bad = node("ok", setmetatable({}, {__tostring = function() error("no text", 0) end}))
print(pcall(tostring, bad)) -- expect: false no text
print(pcall(string.format, "%s", bad)) -- expect: false no text
print(tostring(tree.children[2])) -- expect: e
