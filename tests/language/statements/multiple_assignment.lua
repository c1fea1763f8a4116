-- All expressions are evaluated before any target is assigned.
local a, b, c = 1, 2
print(a, b, c) -- expect: 1 2 nil
a, b = b, a
print(a, b) -- expect: 2 1
a, b, c = 0, a
print(a, b, c) -- expect: 0 2 nil
local i, t = 3, {}
i, t[i] = i + 1, 20
print(i, t[3], t[4]) -- expect: 4 20 nil
local x, y, z = (function() return 1, 2, 3 end)()
print(x, y, z) -- expect: 1 2 3
x, y, z = (function() return 1, 2 end)(), 10
print(x, y, z) -- expect: 1 10 nil
x, y, z = 0, (function() return 1, 2, 3 end)()
print(x, y, z) -- expect: 0 1 2
x, y = ((function() return 1, 2 end)())
print(x, y) -- expect: 1 nil

-- The table and the key of a target are fixed before the assignment as well.
local p, q = {name = "p"}, {name = "q"}
local r = p
r, r.field = q, "set"
print(r.name, p.field, q.field) -- expect: q set nil
local k = "one"
local m = {}
k, m[k] = "two", k
print(k, m.one, m.two) -- expect: two one nil
do
  local list = {1, 2, 3}
  local n = 1
  n, list[n], list[n + 1] = 2, list[2], list[1]
  print(n, list[1], list[2], list[3]) -- expect: 2 2 1 3
end

-- Order of calls: prefix expressions and keys first, values after, left to right.
local log = {}
local function f(name, value)
  log[#log + 1] = name
  return value
end
local s = {}
f("t1", s)[f("k1", 1)], f("t2", s)[f("k2", 2)] = f("v1", "A"), f("v2", "B")
print(table.concat(log, " "), s[1], s[2]) -- expect: t1 k1 t2 k2 v1 v2 A B

-- Assigning many values through metamethods.
local stored = {}
local proxy = setmetatable({}, {__newindex = function(_, key, value) stored[key] = value end})
proxy.a, proxy.b, proxy.c = 1, 2
print(stored.a, stored.b, stored.c, rawget(proxy, "a")) -- expect: 1 2 nil nil
