-- A key that was set to nil keeps its place and gets it back when it is set again soon.
local function order(x)
  local keys = {}
  for k in pairs(x) do keys[#keys + 1] = tostring(k) end
  return table.concat(keys, " ")
end
local t = {a = 1, b = 2, c = 3, d = 4}
t.b = nil
print(order(t)) -- expect: a c d
t.b = 20
print(order(t)) -- expect: a b c d
t.a, t.d = nil, nil
print(order(t)) -- expect: b c
collectgarbage()
print(order(t)) -- expect: b c
t.d = "again"
print(order(t)) -- expect: b c d
print(next(t)) -- expect: b 20
