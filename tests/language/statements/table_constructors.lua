-- All kinds of fields, separators and nesting.
local function f() return 1, 2, 3 end
local t = {1, 2; 3, n = "n", ["key with blank"] = true, [10] = "ten", f()}
print(#t, t[4], t[6], t.n, t["key with blank"], t[10]) -- expect: 6 1 3 n true ten
print(#{f(), f()}, #{(f())}, #{f(), nil}, #{nil, nil, 3}) -- expect: 4 1 1 3
local u = {f(), 10}
print(u[1], u[2], u[3]) -- expect: 1 10 nil
print(#{}, #{[1] = 1}, #{n = 1}, next({}) == nil) -- expect: 0 1 0 true
local v = {x = 1, x = 2, [1] = "explicit", "positional"}
print(v.x, v[1]) -- expect: 2 positional
local nested = {{1, {2, {3}}}, list = {a = {b = {c = "deep"}}}}
print(nested[1][2][2][1], nested.list.a.b.c) -- expect: 3 deep
local w = {["a"] = 1, b = 2, [3 + 1] = 4, [f] = "fn", [true] = "yes", [1.5] = "float",
  [2.0] = "two"}
print(w.a, w.b, w[4], w[f], w[true], w[1.5], w[2]) -- expect: 1 2 4 fn yes float two
print(pcall(load("return {[nil] = 1}")))
-- expect: false [string "return {[nil] = 1}"]:1: table index is nil
print(select(2, pcall(load("local t = {[0/0] = 1}"))):match(": (.*)")) -- expect: table index is NaN
local trailing = {1, 2, 3,}
print(#trailing, #{1;}, #{a = 1,}) -- expect: 3 1 0

-- Values are evaluated in order.
local n = 0
local function next_number() n = n + 1; return n end
local order = {next_number(), a = next_number(), next_number(), [next_number()] = next_number()}
print(order[1], order.a, order[2], order[4]) -- expect: 1 2 3 5
-- Each evaluation makes a new table.
local function make() return {} end
print(make() == make(), make ~= make) -- expect: false false
local list = {}
for i = 1, 3 do list[i] = {i} end
print(list[1] ~= list[2], list[3][1]) -- expect: true 3
-- Methods and recursive references afterwards.
local self = {}
self.me = self
print(self.me.me == self) -- expect: true
