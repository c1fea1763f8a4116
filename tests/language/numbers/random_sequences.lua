-- A seed fixes the sequence; ranges are inclusive; argument errors are reported.
math.randomseed(42)
local first = {}
for i = 1, 10 do first[i] = math.random(1, 1000) end
math.randomseed(42)
local same = true
for i = 1, 10 do same = same and first[i] == math.random(1, 1000) end
print(same) -- expect: true
-- xoshiro256** as the manual names it; these come from the reference.
math.randomseed(123, 456)
print(math.random(0)) -- expect: -7482266044409867603
print(math.random(1, 6), math.random(100), math.random(-5, 5)) -- expect: 3 95 2
print(string.format("%.14f", math.random())) -- expect: 0.24743746680838
print(math.random(3, 3), math.random(1)) -- expect: 3 1

local low, high = 10, 0
for _ = 1, 200 do
  local n = math.random(3, 5)
  assert(math.type(n) == "integer")
  low, high = math.min(low, n), math.max(high, n)
end
print(low, high) -- expect: 3 5
for _ = 1, 100 do
  local x = math.random()
  assert(x >= 0 and x < 1)
end
print(math.type(math.random(math.mininteger, math.maxinteger))) -- expect: integer
print(pcall(math.random, 2, 1))
-- expect: false bad argument #1 to 'math.random' (interval is empty)
print(pcall(math.random, 0.5))
-- expect: false bad argument #1 to 'math.random' (number has no integer representation)
print(pcall(math.random, 1, 2, 3)) -- expect: false wrong number of arguments
-- A float seed with an integral value is that integer.
math.randomseed(7.0)
local a = math.random(0)
math.randomseed(7)
print(a == math.random(0)) -- expect: true
