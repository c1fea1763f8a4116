-- ^ and / always give floats; ^ binds tighter than unary minus and to the right.
print(2 ^ 3, 2 ^ 3 ^ 2, (2 ^ 3) ^ 2) -- expect: 8.0 512.0 64.0
print(-2 ^ 2, (-2) ^ 2, 2 ^ -1, -2 ^ -2) -- expect: -4.0 4.0 0.5 -0.25
print(2 ^ 0.5 == math.sqrt(2), 8 ^ (1 / 3)) -- expect: true 2.0
print(0 ^ 0, 0 ^ -1, (-8) ^ (1 / 3) ~= (-8) ^ (1 / 3)) -- expect: 1.0 inf true
print(10 ^ 2, "10" ^ 2, 10 ^ "2") -- expect: 100.0 100.0 100.0
print(4 / 2, 1 / 2, 7 / "2", -1 / 4) -- expect: 2.0 0.5 3.5 -0.25
print(math.maxinteger / math.maxinteger, math.maxinteger / 2 == 2^62) -- expect: 1.0 true
print(2 ^ 1023 * 2, 2 ^ -1074, 2 ^ -1075) -- expect: inf 4.9406564584125e-324 0.0
print(not 1 == 2, -3 ^ 2 * 2, 2 * 3 ^ 2) -- expect: false -18.0 18.0
local x = 3
print(x ^ 2, 2 ^ x, x / 2, 2 / x, -x ^ 2) -- expect: 9.0 8.0 1.5 0.66666666666667 -9.0
