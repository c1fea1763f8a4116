-- Comparison is exact: no integer is converted to a float that loses bits.
local big = 2^53
local i = 9007199254740993 -- 2^53 + 1 has no float
print(i == big, i > big, i < big, i >= big, i <= big) -- expect: false true false true false
print(i + 0.0 == big, i == i + 0.0) -- expect: true false
print(9007199254740992 == big, 9007199254740992 <= big) -- expect: true true

local max, min = math.maxinteger, math.mininteger
print(max < 2^63, max == 2^63, max <= 2^63, max >= 2^63, max > 2^63)
-- expect: true false true false false
print(2^63 > max, 2^63 >= max, 2^63 <= max, 2^63 == max) -- expect: true true false false
print(min == -2^63, min <= -2^63, min < -2^63, -2^63 >= min) -- expect: true true false true
print(min > -2^63 - 1025, min > -2^64, max < 2^64) -- expect: true true true
print(max < math.huge, min > -math.huge, max > -math.huge) -- expect: true true true

local nan = 0/0
print(nan < 1, nan > 1, nan <= 1, nan >= 1, nan == nan, nan ~= nan)
-- expect: false false false false false true
print(1 < nan, max < nan, min <= nan, nan < nan) -- expect: false false false false

print(1 < 1.5, 2 > 1.5, 1 <= 1.0, 1 >= 1.0, -1 < -0.5) -- expect: true true true true true
print(1 < 2, 1.5 < 1.75, -1 < 0, 0 == -0.0) -- expect: true true true true

-- The same with constants on either side and with variables.
local x, y = 3, 3.5
print(x < y, y < x, x < 3.5, 3.5 < x, x <= 3, 3 <= x, x > 2.9, 2.9 > x)
-- expect: true false true false true true true false
print(y == 3.5, y ~= 3, x == 3.0, x ~= 3.0) -- expect: true true true false
local sorted = {2^53 + 2, 2^53 // 1 | 0, i, max, min, -2^63, 0, 2^63, 0.5, -0.5}
table.sort(sorted)
for k = 1, #sorted - 1 do
  assert(sorted[k] <= sorted[k + 1])
end
print(sorted[#sorted], sorted[#sorted - 1]) -- expect: 9.2233720368548e+18 9223372036854775807
