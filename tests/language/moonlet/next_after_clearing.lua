-- next goes on behind a key whose value was cleared, also when collections come between.
local t = {}
for _, k in ipairs {"a", "b", "c", "d", "e"} do t[k] = k end
local k = next(t)
local seen = {}
while k do
  seen[#seen + 1] = k
  t[k] = nil
  collectgarbage()
  k = next(t, k)
end
print(table.concat(seen, " ")) -- expect: a b c d e
print(next(t)) -- expect: nil
-- Later keys that are cleared are not seen; keys behind them are.
local u = {}
for _, name in ipairs {"a", "b", "c", "d", "e"} do u[name] = name end
seen = {}
for name in pairs(u) do
  seen[#seen + 1] = name
  if name == "b" then u.c, u.d = nil, nil collectgarbage() end
end
print(table.concat(seen, " ")) -- expect: a b e
-- Keys that are objects stay valid for next after they were cleared.
local v = {}
local k1, k2, k3 = {}, {}, {}
v[k1] = 1
v[k2] = 2
v[k3] = 3
v[k2] = nil
collectgarbage()
print(next(v, k2) == k3, next(v, k1) == k3) -- expect: true true
-- In the array part as well.
local list = {1, 2, 3, 4}
for i in pairs(list) do list[i] = nil end
print(next(list)) -- expect: nil
