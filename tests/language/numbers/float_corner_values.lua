-- Infinities, not-a-number, negative zero and denormals through arithmetic and tables.
local inf, nan = math.huge, 0/0
print(inf + 1 == inf, inf - inf ~= inf - inf, inf * 0 ~= inf * 0, -inf < inf)
-- expect: true true true true
print(inf // 1, inf % 2 ~= inf % 2, 1 / inf, 1 / -inf) -- expect: inf true 0.0 -0.0
print(nan == nan, nan ~= nan, nan < nan, not (nan >= nan)) -- expect: false true false true
print(math.max(1, 2, inf), math.min(-inf, 0)) -- expect: inf -inf
print(math.huge == 1e309, -math.huge == -1e309, math.maxinteger < math.huge)
-- expect: true true true

local t = {}
t[0.0] = "zero"
print(t[-0.0], t[0], next(t), math.type((next(t)))) -- expect: zero zero 0 integer
t[-0.0] = "minus zero"
print(t[0], #t) -- expect: minus zero 0
t[inf], t[-inf] = 1, 2
print(t[math.huge], t[-math.huge], t[nan]) -- expect: 1 2 nil
t[2^53] = "big"
print(t[9007199254740992], t[2^53 + 1], t[9007199254740993]) -- expect: big big nil
t[0.1 + 0.2] = "sum"
print(t[0.3], t[0.30000000000000004]) -- expect: nil sum
print(select(2, pcall(function() t[nan] = 1 end)):match(": (.*)")) -- expect: table index is NaN
print(rawequal(0.0, -0.0), 0.0 == -0.0, 1/0.0 == 1/-0.0) -- expect: true true false
print(5e-324 > 0, 5e-324 / 2 == 0, 2.2250738585072014e-308)
-- expect: true true 2.2250738585072e-308
print(3 | 0.0, 0.0 | 0, -0.0 | 0) -- expect: 3 0 0
