-- next, pairs and ipairs on all kinds of tables.
print(next({}), next({1}), next({n = 1})) -- expect: nil 1 n 1
print(type(next), pcall(next, {}, 1)) -- expect: function false invalid key to 'next'
print(pcall(next)) -- expect: false bad argument #1 to 'next' (table expected, got no value)
print(pcall(next, 1)) -- expect: false bad argument #1 to 'next' (table expected, got number)
local t = {10, 20, 30, x = 1, y = 2, [100] = 3}
local keys, sum = {}, 0
for k, v in pairs(t) do keys[#keys + 1] = tostring(k); sum = sum + v end
table.sort(keys)
print(table.concat(keys, " "), sum) -- expect: 1 100 2 3 x y 66
local count = 0
for k in next, t do count = count + 1 end
print(count) -- expect: 6
local k, v = next(t)
local steps = 1
while next(t, k) ~= nil do k = next(t, k); steps = steps + 1 end
print(steps) -- expect: 6
-- The array part comes in order.
local order = {}
for i in pairs({1, 2, 3, 4, 5}) do order[#order + 1] = i end
print(table.concat(order, " ")) -- expect: 1 2 3 4 5
for i, v in ipairs({"a", "b", nil, "d"}) do io.write(i, v, " ") end
print() -- expect: 1a 2b
for i, v in ipairs({[2] = "no first"}) do print("never") end
-- ipairs sees what the body adds and removes.
local grow = {1}
for i, v in ipairs(grow) do if i < 4 then grow[i + 1] = v * 2 end end
print(table.concat(grow, " ")) -- expect: 1 2 4 8
local shrink = {1, 2, 3, 4, 5}
local seen = 0
for i in ipairs(shrink) do seen = seen + 1; table.remove(shrink) end
print(seen, #shrink) -- expect: 3 2
print(rawlen({1, 2}), rawlen("abc"), pcall(rawlen, 5))
-- expect: 2 3 false bad argument #1 to 'rawlen' (table or string expected, got number)
print(rawget({k = 1}, "k"), rawset({}, "k", 2).k, rawequal("a", "a"), rawequal({}, {}))
-- expect: 1 2 true false
print(pcall(rawset, {}, nil, 1)) -- expect: false table index is nil
print(pcall(rawget, 1, 1)) -- expect: false bad argument #1 to 'rawget' (table expected, got number)
