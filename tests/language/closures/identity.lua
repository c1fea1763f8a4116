-- Each evaluation of a function expression that has upvalues is a closure of its own.
local function make(v) return function() return v end end
local a, b = make(1), make(1)
print(a == a, a == b, a() == b()) -- expect: true false true
local t = {[a] = "a", [b] = "b"}
print(t[a], t[b], t[make(1)]) -- expect: a b nil
t[a] = nil
print(t[a], t[b]) -- expect: nil b

-- Identity survives storing, passing, returning, and coroutines.
local function pass(...) return ... end
print(pass(a) == a, select(2, pass(b, a)) == a, ({a})[1] == a) -- expect: true true true
local co = coroutine.wrap(function(f) while true do f = coroutine.yield(f) end end)
print(co(a) == a, co(b) == b) -- expect: true true
local set = {}
for _, f in ipairs {print, a, b, print, a} do set[f] = (set[f] or 0) + 1 end
print(set[print], set[a], set[b]) -- expect: 2 2 1

-- So do tables, coroutines and library functions as keys.
local k1, k2 = {}, {}
local c1 = coroutine.create(function() end)
local keys = {[k1] = 1, [k2] = 2, [c1] = 3, [string.rep] = 4, [true] = 5, [1.5] = 6}
print(keys[k1], keys[k2], keys[{}], keys[c1], keys[("").rep], keys[not false], keys[3 / 2])
-- expect: 1 2 nil 3 4 5 6
print(string.rep == ("x").rep, print == _G.print, math.floor ~= math.ceil) -- expect: true true true
print(tostring(k1) == tostring(k1), tostring(k1) == tostring(k2)) -- expect: true false
print(string.format("%p", k1) == string.format("%p", k1), string.format("%p", 1))
-- expect: true (null)
