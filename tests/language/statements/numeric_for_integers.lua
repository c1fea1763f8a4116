-- Integer loops count exactly and never wrap around.
local function run(first, last, step)
  local out = {}
  for i = first, last, step or 1 do
    out[#out + 1] = tostring(i)
    if #out == 6 then out[#out + 1] = "..."; break end
  end
  return table.concat(out, " ")
end
print(run(1, 5)) -- expect: 1 2 3 4 5
print(run(5, 1)) -- expect:
print(run(5, 1, -2)) -- expect: 5 3 1
print(run(1, 1), run(2, 1), run(1, 2, 5)) -- expect: 1  1
print(run(-3, 3, 3)) -- expect: -3 0 3
print(run(math.maxinteger - 2, math.maxinteger))
-- expect: 9223372036854775805 9223372036854775806 9223372036854775807
print(run(math.mininteger + 2, math.mininteger, -1))
-- expect: -9223372036854775806 -9223372036854775807 -9223372036854775808
print(run(math.maxinteger - 1, math.maxinteger, 10)) -- expect: 9223372036854775806
print(run(math.mininteger, math.maxinteger, math.maxinteger))
-- expect: -9223372036854775808 -1 9223372036854775806
print(run(1, math.huge)) -- expect: 1 2 3 4 5 6 ...
print(run(1, -math.huge), run(-1, -math.huge, -1)) -- expect: -1 -2 -3 -4 -5 -6 ...
print(run(1, 2.9), run(3, 0.5, -1), run(1, 0.5)) -- expect: 1 2 3 2 1
print(run(1, 2^53), run(1, 1e308, 1 << 62)) -- expect: 1 2 3 4 5 6 ... 1 4611686018427387905
print(run(math.maxinteger, 2^63), run(math.mininteger, -2^63, -1))
-- expect: 9223372036854775807 -9223372036854775808


-- The control variable is a copy: changing it does not change the loop.
local seen = {}
for i = 1, 3 do
  seen[#seen + 1] = i
  i = i * 10
  seen[#seen + 1] = i
end
print(table.concat(seen, " ")) -- expect: 1 10 2 20 3 30
-- The bounds are evaluated once.
local n, calls = 3, 0
local function limit() calls = calls + 1; return n end
local total = 0
for i = 1, limit() do n = 100; total = total + i end
print(total, calls) -- expect: 6 1
for i = 3, 1 do print("never") end
-- Step zero is an error.
print(select(2, pcall(function() for i = 1, 10, 0 do end end)):match(": (.*)"))
-- expect: 'for' step is zero
print(select(2, pcall(function() for i = 1.0, 10, 0 do end end)):match(": (.*)"))
-- expect: 'for' step is zero
