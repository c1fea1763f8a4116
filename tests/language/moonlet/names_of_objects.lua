-- The text of an object is its number, which never changes and is not an address.
local t, f, co = {}, function() end, coroutine.create(print)
local text = tostring(t)
print(text:match("^table: 0x%x+$") ~= nil) -- expect: true
local names = {tostring(t), tostring(f), tostring(co), tostring(print)}
for i = 1, 3 do
  collectgarbage()
  local junk = {}
  for j = 1, 10 do junk[j] = {} end
  assert(names[1] == tostring(t) and names[2] == tostring(f) and names[3] == tostring(co))
  assert(names[4] == tostring(print))
end
print(names[1] ~= names[2], names[2] ~= names[3]) -- expect: true true
print(string.format("%p", t) == text:match("0x%x+$")) -- expect: true
