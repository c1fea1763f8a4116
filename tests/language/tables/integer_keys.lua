-- Float keys with integral values are integer keys; strings are not.
local t = {}
t[1] = "int"
t[1.0] = "float"
t["1"] = "string"
print(t[1], t["1"], #t) -- expect: float string 1
t[2^31] = "2^31"
t[-2^31 | 0] = "-2^31"
print(t[2147483648], t[-2147483648]) -- expect: 2^31 -2^31
t[2^53] = "a"
t[2^53 + 1] = "b"
t[9007199254740993] = "c"
print(t[2^53], t[9007199254740992], t[9007199254740993]) -- expect: b b c
t[2^63] = "too big for an integer"
print(t[2^63], t[math.mininteger], math.type(next({[2^63] = 1})))
-- expect: too big for an integer nil float
t[math.maxinteger] = "max"
t[math.maxinteger + 0.0] = "2^63 again"
print(t[math.maxinteger], t[2^63]) -- expect: max 2^63 again
print(math.type(next({[1.0] = 1})), math.type(next({[-0.0] = 1})), math.type(next({[3.5] = 1})))
-- expect: integer integer float
-- Arithmetic results as keys.
local sq = {}
for i = 1, 5 do sq[i ^ 2] = i end
print(sq[1], sq[4], sq[9], sq[25], sq[25.0], math.type(next(sq))) -- expect: 1 2 3 5 5 integer
sq[10 / 2] = "half"
print(sq[5], sq[5.0], sq["5"]) -- expect: half half nil
for i = 1, 3 do sq[i / 2] = i end
print(sq[0.5], sq[1], sq[1.5]) -- expect: 1 2 3
-- A list filled with float indices is a list.
local list = {}
for x = 1.0, 5.0 do list[x] = x end
print(#list, list[3], math.type(list[3])) -- expect: 5 3.0 float
