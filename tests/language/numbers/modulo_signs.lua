-- The result of % has the sign of the divisor.
print(5 % 3, -5 % 3, 5 % -3, -5 % -3) -- expect: 2 1 -1 -2
print(6 % 3, -6 % 3, 6 % -3, -6 % -3) -- expect: 0 0 0 0
print(5.5 % 2, -5.5 % 2, 5.5 % -2, -5.5 % -2) -- expect: 1.5 0.5 -0.5 -1.5
print(5 % 3.0, -5 % 3.0) -- expect: 2.0 1.0
print(-1 % 10, -1.0 % 10, 1 % -10) -- expect: 9 9.0 -9
print(5.0 % math.huge, -5.0 % math.huge, 5.0 % -math.huge, -5.0 % -math.huge)
-- expect: 5.0 inf -inf -5.0
print(1 % math.huge, -1 % math.huge) -- expect: 1.0 inf
print(math.mininteger % -1, math.mininteger % 2, math.maxinteger % 2) -- expect: 0 0 1
print(math.mininteger % math.maxinteger, math.maxinteger % math.mininteger)
-- expect: 9223372036854775806 -1
local nan = 5.0 % 0.0
print(nan ~= nan) -- expect: true
nan = math.huge % 2
print(nan ~= nan) -- expect: true
print(2^53 % 3, -(2^53) % 3) -- expect: 2.0 1.0
print(0.0 % 1, -0.0 % 1) -- expect: 0.0 -0.0
print(1e308 % 7, 3.7 % 0.5) -- expect: 3.0 0.2
print(-6 % 4 == -6 - (-6 // 4) * 4) -- expect: true
-- math.fmod truncates instead.
print(math.fmod(-5, 3), math.fmod(5, -3), math.fmod(-5.5, 2)) -- expect: -2 2 -1.5
print(math.fmod(math.mininteger, -1)) -- expect: 0
