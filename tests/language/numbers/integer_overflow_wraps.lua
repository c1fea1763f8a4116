-- Integer arithmetic is modulo 2^64; literals that do not fit become floats.
local max, min = math.maxinteger, math.mininteger
print(max + 1 == min, min - 1 == max) -- expect: true true
print(max * 2, min * 2, max * max) -- expect: -2 0 1
print(-min == min, math.abs(min) == min) -- expect: true true
print(min // -1 == min, min % -1) -- expect: true 0
print(max + 1.0 == 2^63, max + 1.0) -- expect: true 9.2233720368548e+18
print(9223372036854775807, 9223372036854775808) -- expect: 9223372036854775807 9.2233720368548e+18
print(math.type(9223372036854775808), -9223372036854775808) -- expect: float -9.2233720368548e+18
print(0xffffffffffffffff, 0x7fffffffffffffff, 0x1ffffffffffffffff)
-- expect: -1 9223372036854775807 -1
print(math.type(-9223372036854775808), math.type(min)) -- expect: float integer
print(max // 1 | 0, (max + 1) // 2, (max * 2 + 2))
-- expect: 9223372036854775807 -4611686018427387904 0
print(1 << 63 == min, (1 << 63) - 1 == max) -- expect: true true

local sum = 0
for i = 1, 70 do
  sum = sum * 3 + i
end
print(sum) -- expect: 1719802506226051519
local factorial = 1
for i = 2, 25 do factorial = factorial * i end
print(factorial) -- expect: 7034535277573963776
