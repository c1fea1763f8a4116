-- Positions at the ends and in between, defaults, and errors.
local t = {}
table.insert(t, "b")
table.insert(t, 1, "a")
table.insert(t, 3, "d")
table.insert(t, 3, "c")
print(table.concat(t, " ")) -- expect: a b c d
print(table.remove(t), table.remove(t, 1), table.concat(t, " ")) -- expect: d a b c
print(table.remove(t, 2), table.remove(t, 1), #t) -- expect: c b 0
print(table.remove(t), table.remove(t, 0), table.remove(t, #t), table.remove(t, 1))
-- expect: nil nil nil nil
print(#t, select("#", table.insert(t, "x"))) -- expect: 0 0
print(table.remove(t, 2), #t) -- expect: nil 1
local queue = {}
for i = 1, 5 do table.insert(queue, i) end
for i = 6, 8 do table.insert(queue, 1, i) end
print(table.concat(queue, " "), table.remove(queue, 4), table.concat(queue, " "))
-- expect: 8 7 6 1 2 3 4 5 1 8 7 6 2 3 4 5
print(pcall(table.insert, t, 5, "far"))
-- expect: false bad argument #2 to 'table.insert' (position out of bounds)
print(pcall(table.insert, t, 0, "low"))
-- expect: false bad argument #2 to 'table.insert' (position out of bounds)
print(pcall(table.insert, t, -1, "neg"))
-- expect: false bad argument #2 to 'table.insert' (position out of bounds)
print(pcall(table.insert, t, 1, 2, 3)) -- expect: false wrong number of arguments to 'insert'
print(pcall(table.insert, t)) -- expect: false wrong number of arguments to 'insert'
print(pcall(table.insert, nil, 1))
-- expect: false bad argument #1 to 'table.insert' (table expected, got nil)
print(pcall(table.insert, t, "k", 1))
-- expect: false bad argument #2 to 'table.insert' (number expected, got string)
print(select(2, pcall(table.remove, t, 5)):match("position out of bounds"))
-- expect: position out of bounds
print(select(2, pcall(table.remove, t, -1)):match("position out of bounds"))
-- expect: position out of bounds
print(pcall(table.remove, 5))
-- expect: false bad argument #1 to 'table.remove' (table expected, got number)
-- nil values, float positions, and lists with #t + 1 removed.
local u = {1, 2, 3}
table.insert(u, nil)
print(#u) -- expect: 3
table.insert(u, 2.0, "two")
print(u[2], u[3], #u) -- expect: two 2 4
u[5] = "beyond"
print(table.remove(u, 5), table.remove(u, 5), #u) -- expect: beyond nil 4
