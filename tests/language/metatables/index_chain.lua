-- __index may be a table or a function, and tables chain.
local a = {x = "a.x", shared = "a"}
local b = setmetatable({y = "b.y", shared = "b"}, {__index = a})
local c = setmetatable({z = "c.z"}, {__index = b})
print(c.z, c.y, c.x, c.shared, c.missing) -- expect: c.z b.y a.x b nil
print(rawget(c, "x"), rawget(c, "z"), #c) -- expect: nil c.z 0
b.x = "b.x"
print(c.x, a.x) -- expect: b.x a.x
b.x = nil
print(c.x) -- expect: a.x
a.x = nil
print(c.x) -- expect: nil

local calls = {}
local d = setmetatable({}, {__index = function(t, k)
  calls[#calls + 1] = tostring(k)
  return k == "none" and nil or k .. "!"
end})
print(d.one, d["two"], d.none, d[3]) -- expect: one! two! none! 3!
print(table.concat(calls, " ")) -- expect: one two none 3
local e = setmetatable({}, {__index = d})
print(e.deep, rawget(e, "deep")) -- expect: deep! nil
d.deep = "own"
print(e.deep) -- expect: own

-- Existing keys do not consult it, even if they hold false; nil values do.
local f = setmetatable({no = false}, {__index = function() return "meta" end})
print(f.no, f.yes, f[1], f[nil]) -- expect: false meta meta meta
f.no = nil
print(f.no) -- expect: meta

-- Only the first result counts.
local g = setmetatable({}, {__index = function() return 1, 2, 3 end})
print(g.x, (select("#", g.x))) -- expect: 1 1

-- A metatable that is its own __index.
local class = {kind = "class"}
class.__index = class
local object = setmetatable({}, class)
print(object.kind, object.__index == class) -- expect: class true
-- A table that is its own metatable and __index has no end.
local loop = {}
setmetatable(loop, loop)
loop.__index = loop
print(select(2, pcall(function() return loop.nothing end)):match(": (.*)"))
-- expect: '__index' chain too long; possible loop
local l1, l2 = {}, {}
setmetatable(l1, {__index = l2}); setmetatable(l2, {__index = l1})
print(select(2, pcall(function() return l1.nothing end)):match(": (.*)"))
-- expect: '__index' chain too long; possible loop
