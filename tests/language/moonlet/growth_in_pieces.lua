-- Tables that are large enough to be laid out anew in several pieces, each of which can be stopped
-- after. Straight code instead of loops, which would only add safepoints.
local function run(first, step, count, last)
  return load(first .. string.rep(step, count) .. last)()
end

-- An array, element by element, and away again.
local t = run("local t, c = {}, 0 ", "c = c + 1 t[c] = c ", 6000, "return t")
print(#t, t[1], t[3000], t[6000]) -- expect: 6000	1	3000	6000
t[#t + 1] = "more"
print(#t, t[6001]) -- expect: 6001	more

-- Keys in their order.
local d = run("local t, c = {}, 0 ", "c = c + 1 t[c + 0.5] = c ", 4000, "return t")
print(next(d)) -- expect: 1.5	1
print(next(d, 3999.5)) -- expect: 4000.5	4000
print(next(d, 4000.5)) -- expect: nil

-- From the end: entries become elements.
local b = run("local t, c = {}, 5000 ", "t[c] = c c = c - 1 ", 5000, "return t")
print(#b, b[1], b[2500], b[5000], next(b)) -- expect: 5000	1	2500	5000	1	1

-- The last element goes when all before it have gone.
load("local t = ... local c = 0 " .. string.rep("c = c + 1 t[c] = nil ", 5999))(t)
print(#t, t[6000], t[6001]) -- expect: 6001	6000	more
t[6001] = nil
t[6000] = nil
print(#t, next(t)) -- expect: 0	nil

-- By functions.
local i = run("local t, c = {}, 0 ", "c = c + 1 rawset(t, c, c) ", 2100, "return t")
table.insert(i, "last")
print(#i, i[2100], i[2101]) -- expect: 2101	2100	last

-- An element that lies far behind, and a hole that is filled.
local far = run("local t, c = {}, 0 ", "c = c + 1 t[c] = c ", 3000, "return t")
far[5000] = "far"
far[1 << 40] = "further"
print(#far, far[5000], far[3001], far[1 << 40]) -- expect: 3000	far	nil	further
load("local t = ... local c = 3000 " .. string.rep("c = c + 1 t[c] = c ", 1999))(far)
print(far[4999], far[5000], #far) -- expect: 4999	far	5000

-- Keys that come and go.
local q = run("local t, c = {}, 0 ", "c = c + 1 t[c + 0.5] = c t[c - 1999.5] = nil ", 6000,
              "return t")
local count = 0
for _ in string.gmatch(string.rep("x", 20), "x") do count = count + 1 end
print(count, q[4000.5], q[4001.5], q[6000.5]) -- expect: 20	nil	4001	6000
print(next(q)) -- expect: 4001.5	4001
