-- Every number is an integer or a float; the operators decide which one comes out.
print(math.type(1), math.type(1.0), math.type("1")) -- expect: integer float nil
print(1 == 1.0, math.type(1) == math.type(1.0)) -- expect: true false
print(3 + 4, 3 + 4.0, 3.0 - 3, 2 * 0.5) -- expect: 7 7.0 0.0 1.0
print(7 // 2, 7.0 // 2, 7 % 4, 7 % 4.0) -- expect: 3 3.0 3 3.0
print(6 / 2, 2 ^ 2, math.type(6 / 2)) -- expect: 3.0 4.0 float
print(10 // 2.5, -(0), -(0.0)) -- expect: 4.0 0 -0.0
print(math.type(1e2), math.type(0x10), math.type(0x1p4), math.type(5.))
-- expect: float integer float float

-- Floats with integral values print with ".0" as long as fourteen digits suffice.
print(100000000000000.0) -- expect: 1e+14
print(1e14, 1e15, 1e16, 123456789012345.0) -- expect: 1e+14 1e+15 1e+16 1.2345678901234e+14
print(2^53, 2^63, -2^63) -- expect: 9.007199254741e+15 9.2233720368548e+18 -9.2233720368548e+18
print(1e100, 1e-100, 5e-324) -- expect: 1e+100 1e-100 4.9406564584125e-324
print(1/0, -1/0, math.pi) -- expect: inf -inf 3.1415926535898
print(0.1, 1/3, 100 / 3) -- expect: 0.1 0.33333333333333 33.333333333333
print(3.14159265358979, 0.1 + 0.2) -- expect: 3.1415926535898 0.3
print((0/0) ~= (0/0)) -- expect: true
print(-0.0, 0.0 == -0.0, 1 / -0.0, 1 / 0.0) -- expect: -0.0 true -inf inf
print(math.maxinteger, math.mininteger) -- expect: 9223372036854775807 -9223372036854775808
print(math.maxinteger + 0.0, math.mininteger + 0.0)
-- expect: 9.2233720368548e+18 -9.2233720368548e+18
