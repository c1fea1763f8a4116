-- __eq, __lt and __le; results become booleans; types must fit.
local log = {}
local function value(a) return type(a) == "table" and a.v or a end
local mt = {
  __eq = function(a, b) log[#log + 1] = "eq"; return a.v == b.v end,
  __lt = function(a, b) log[#log + 1] = "lt"; return value(a) < value(b) end,
  __le = function(a, b) log[#log + 1] = "le"; return value(a) <= value(b) end,
}
local function N(v) return setmetatable({v = v}, mt) end
local one, two, uno = N(1), N(2), N(1)
local function show(...)
  print(table.concat(log, ","), ...)
  log = {}
end
show(one == uno, one == two, one ~= uno, one ~= two) -- expect: eq,eq,eq,eq true false false true
show(one == one, one ~= one) -- expect: true false
show(one < two, one > two, one <= two, one >= two) -- expect: lt,lt,le,le true false true false
show(one < 5, 5 < one, one > 0, 0 <= one, one >= 1)
-- expect: lt,lt,lt,le,le true false true true true
show(one < 1.5, 1.5 < one, one <= 0.5) -- expect: lt,lt,le true false false
-- Equality asks metamethods only for two tables (or two userdata).
show(one == 1, 1 == one, one == "1", one == nil, rawequal(one, uno))
-- expect: false false false false false
-- Any result is turned into a boolean.
local odd = setmetatable({}, {
  __eq = function() return "yes" end,
  __lt = function() return nil end,
  __le = function() return 0 end,
})
print(odd == {}, {} == odd, odd ~= {}, odd < odd, odd <= 1, odd > 1, 1 >= odd)
-- expect: true true false false true false true
-- One side's metamethod is enough; the first operand is asked first.
local left = setmetatable({}, {__lt = function() return true end})
local right = setmetatable({}, {__lt = function() return false end})
print(left < right, right < left, left < 1, 1 < left, {} < left)
-- expect: true false true true true
local function message(f) return select(2, pcall(f)):match(": (.*)") end

print(message(function() return {} < {} end)) -- expect: attempt to compare two table values
print(message(function() return {} < 1 end)) -- expect: attempt to compare table with number
print(message(function() return "a" < 1 end)) -- expect: attempt to compare string with number
print(message(function() return nil > 1 end)) -- expect: attempt to compare number with nil
print(message(function() return print <= true end))
-- expect: attempt to compare function with boolean
-- In conditions, with not, and in table.sort.
if one < two then log[#log + 1] = "then" end
if not (one >= two) then log[#log + 1] = "not" end
while one == two do end
show() -- expect: lt,then,le,not,eq
local list = {N(3), N(1), N(2)}
table.sort(list)
print(list[1].v, list[2].v, list[3].v) -- expect: 1 2 3
