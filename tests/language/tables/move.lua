-- Overlapping in both directions, between tables, and with gaps.
local function list(t, from, to)
  local s = {}
  for i = from or 1, to or #t do s[#s + 1] = tostring(t[i]) end
  return table.concat(s, " ")
end
print(list(table.move({1, 2, 3, 4, 5}, 2, 4, 1))) -- expect: 2 3 4 4 5
print(list(table.move({1, 2, 3, 4, 5}, 1, 3, 3))) -- expect: 1 2 1 2 3
print(list(table.move({1, 2, 3}, 1, 3, 1))) -- expect: 1 2 3
print(list(table.move({1, 2, 3}, 2, 3, 3)), list(table.move({1, 2, 3}, 1, 0, 5)))
-- expect: 1 2 2 3 1 2 3
local target = {"x", "y", "z"}
print(table.move({1, 2}, 1, 2, 2, target) == target, list(target)) -- expect: true x 1 2
print(list(table.move({1, nil, 3}, 1, 3, 1, {9, 9, 9}), 1, 3)) -- expect: 1 nil 3
print(list(table.move({10, 20, 30}, 1, 3, -1), -1, 3)) -- expect: 10 20 30 20 30
print(table.move({[math.maxinteger] = "m"}, math.maxinteger, math.maxinteger, 1)[1]) -- expect: m
print(list(table.move({1, 2, 3}, 1, 3, 4, {})), list(table.move({1, 2, 3}, 1, 3, 4, {}), 4, 6))
-- expect: 1 2 3
local log = {}
local proxy = setmetatable({}, {
  __index = function(_, k) log[#log + 1] = "r" .. k return k * 10 end,
  __newindex = function(_, k, v) log[#log + 1] = "w" .. k .. "=" .. v end,
})
table.move(proxy, 1, 3, 2)
print(table.concat(log, " ")) -- expect: r3 w4=30 r2 w3=20 r1 w2=10
log = {}
table.move(proxy, 2, 3, 1)
print(table.concat(log, " ")) -- expect: r2 w1=20 r3 w2=30
print(pcall(table.move, {}, 1, 2))
-- expect: false bad argument #4 to 'table.move' (number expected, got no value)
print(pcall(table.move, {}, math.mininteger, math.maxinteger, 1))
-- expect: false bad argument #3 to 'table.move' (too many elements to move)
print(pcall(table.move, {}, 1, math.maxinteger, 2))
-- expect: false bad argument #4 to 'table.move' (destination wrap around)
print(pcall(table.move, {}, -1, math.maxinteger, 2))
-- expect: false bad argument #3 to 'table.move' (too many elements to move)
print(pcall(table.move, 1, 1, 2, 3))
-- expect: false bad argument #1 to 'table.move' (table expected, got number)
print(pcall(table.move, {}, 1, 2, 3, 4))
-- expect: false bad argument #5 to 'table.move' (table expected, got number)
