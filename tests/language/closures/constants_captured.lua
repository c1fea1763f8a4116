-- Captured variables that are never assigned behave like any others.
local base = 100
local function add(n) return base + n end
print(add(1), debug.getupvalue(add, 1)) -- expect: 101 base 100
-- ... also when the debug library assigns them.
debug.setupvalue(add, 1, 200)
print(add(1), base) -- expect: 201 200
local function other() return base end
print(other()) -- expect: 200
debug.setupvalue(other, 1, 300)
print(other(), add(0), base) -- expect: 300 300 300

-- Joining makes two closures share one variable.
local function cell(v) return function() return v end end
local p, q = cell("p"), cell("q")
print(p(), q(), debug.upvalueid(p, 1) == debug.upvalueid(q, 1)) -- expect: p q false
debug.upvaluejoin(p, 1, q, 1)
print(p(), debug.upvalueid(p, 1) == debug.upvalueid(q, 1)) -- expect: q true
debug.setupvalue(q, 1, "both")
print(p(), q()) -- expect: both both
print(debug.upvalueid(add, 1) == debug.upvalueid(other, 1)) -- expect: true

-- A captured loop variable, a captured parameter, a captured function.
local fs = {}
for i = 1, 2 do fs[i] = function() return i end end
debug.setupvalue(fs[1], 1, "one")
print(fs[1](), fs[2]()) -- expect: one 2
local function outer(param)
  local function inner() return param end
  debug.setupvalue(inner, 1, "set")
  return param, inner()
end
print(outer("given")) -- expect: set set
