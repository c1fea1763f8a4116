-- The array part comes first, in order, whatever was set before it.
local function order(x)
  local keys = {}
  for k in pairs(x) do keys[#keys + 1] = tostring(k) end
  return table.concat(keys, " ")
end
local t = {}
t.first = true
t[1], t[2] = "a", "b"
t.last = true
t[3] = "c"
print(order(t)) -- expect: 1 2 3 first last
print(order({10, 20, x = 1, 30, y = 2})) -- expect: 1 2 3 x y
local u = {n = 3, "a", "b", m = 4, "c"}
print(order(u)) -- expect: 1 2 3 n m
for i = 4, 9 do u[i] = i end
print(order(u)) -- expect: 1 2 3 4 5 6 7 8 9 n m
u[5] = nil
print(order(u)) -- expect: 1 2 3 4 6 7 8 9 n m
