-- floor, ceil, modf, fmod, tointeger, abs, max, min, ult.
print(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.floor(5))
-- expect: 3 -4 4 -3 5
print(math.floor(1e300) == 1e300, math.type(math.floor(1e300)), math.type(math.floor(2.5)))
-- expect: true float integer
print(math.floor(-0.0), math.ceil(-0.5)) -- expect: 0 0
print(math.modf(3.7), math.modf(-3.25)) -- expect: 3 -3 -0.25
print(math.modf(5), math.modf(math.huge), math.modf(-math.huge)) -- expect: 5 inf -inf 0.0
print(select("#", math.modf(1)), (math.modf(7.0))) -- expect: 2 7
print(math.abs(-5), math.abs(-5.5), math.abs(math.mininteger)) -- expect: 5 5.5 -9223372036854775808
print(math.max(1, 2.5, -1), math.min(3, 1, 2), math.max(2, 2.0), math.max(7)) -- expect: 2.5 1 2 7
print(math.ult(1, 2), math.ult(-1, 2), math.ult(1, -1), math.ult(5, 5))
-- expect: true false true false
print(math.sqrt(16), math.exp(0), math.log(1), math.log(8, 2), math.log(1000, 10))
-- expect: 4.0 1.0 0.0 3.0 3.0
print(math.log(100, 10), math.log(27, 3), math.sin(0), math.cos(0), math.tan(0))
-- expect: 2.0 3.0 0.0 1.0 0.0
print(math.deg(math.pi), math.rad(180) == math.pi) -- expect: 180.0 true
print(string.format("%.10f %.10f %.10f", math.asin(1), math.acos(0), math.atan(1, -1)))
-- expect: 1.5707963268 1.5707963268 2.3561944902
print(math.atan(0, -1) == math.pi, math.atan(-0.0, -1) == -math.pi, math.atan(1))
-- expect: true true 0.78539816339745
print(string.format("%.10f %.10f", math.exp(1), math.sin(1e6)))
-- expect: 2.7182818285 -0.3499935022

print(pcall(math.max)) -- expect: false bad argument #1 to 'math.max' (value expected)
print(pcall(math.floor, "x"))
-- expect: false bad argument #1 to 'math.floor' (number expected, got string)
print(pcall(math.floor, {}))
-- expect: false bad argument #1 to 'math.floor' (number expected, got table)
print(math.floor("3.7"), math.abs("-2")) -- expect: 3 2.0
