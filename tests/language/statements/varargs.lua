-- ... in functions, tables, calls, and select.
local function count(...) return select("#", ...) end
print(count(), count(nil), count(nil, nil), count(1, nil, 3, nil)) -- expect: 0 1 2 4
local function pass(...) return ... end
print(pass(1, nil, 3)) -- expect: 1 nil 3
print((pass(1, 2)), pass(), count(pass())) -- expect: 1 nil 0
print(count(pass(1, 2), pass(1, 2)), count((pass(1, 2)))) -- expect: 3 1
local function tail(first, ...) return ... end
print(tail(1, 2, 3)) -- expect: 2 3
print(count(tail()), count(tail(1))) -- expect: 0 0

local function collect(...)
  local a, b = ...
  local t = {..., "end"}
  local u = {"start", ...}
  return a, b, #t, #u
end
print(collect(1, 2, 3)) -- expect: 1 2 2 4
print(collect()) -- expect: nil nil 2 1

print(select(2, "a", "b", "c")) -- expect: b c
print(select(-1, "a", "b", "c"), (select(-2, "a", "b", "c"))) -- expect: c b
print(select("#"), select(5, 1, 2) == nil) -- expect: 0 true
print(pcall(select, 0)) -- expect: false bad argument #1 to 'select' (index out of range)
print(pcall(select, -3, 1, 2)) -- expect: false bad argument #1 to 'select' (index out of range)

-- Varargs are not visible in inner functions unless passed.
print(load("return function() return ... end") == nil) -- expect: true
local function outer(...)
  local args = table.pack(...)
  return function() return table.unpack(args, 1, args.n) end
end
print(outer(1, nil, 3)()) -- expect: 1 nil 3

-- A chunk is a vararg function too.
print(load("local a, b = ... return b, a, select('#', ...)")(10, 20, 30)) -- expect: 20 10 3

local function sum(...)
  local total = 0
  for i = 1, select("#", ...) do total = total + (select(i, ...)) end
  return total
end
print(sum(), sum(5), sum(1, 2, 3, 4)) -- expect: 0 5 10
local function recursive(n, ...) if n == 0 then return ... end return recursive(n - 1, n, ...) end
print(recursive(5)) -- expect: 1 2 3 4 5
-- Assigning to a parameter does not change the extra arguments, and the other way round.
local function assigns(a, ...) a = "new"; local b = ...; b = "changed"; return a, ... end
print(assigns("old", "kept", "too")) -- expect: new kept too
