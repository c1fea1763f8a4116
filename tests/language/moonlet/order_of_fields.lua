-- Fields are visited in the order in which they were first set.
local t = {}
t.zebra, t.apple, t.mango = 1, 2, 3
t.banana = 4
local function order(x)
  local keys = {}
  for k in pairs(x) do keys[#keys + 1] = tostring(k) end
  return table.concat(keys, " ")
end
-- Targets of one assignment are set from right to left.
print(order(t)) -- expect: mango apple zebra banana
t.apple = "changed"
print(order(t)) -- expect: mango apple zebra banana
print(order({x = 1, y = 2, a = 3})) -- expect: x y a
local u = {}
for k in ("one two three four five six seven eight nine"):gmatch("%a+") do u[k] = true end
print(order(u)) -- expect: one two three four five six seven eight nine
-- Many fields, beyond any small layout.
local many, expected = {}, {}
for i = 1, 150 do
  local k = "k" .. (i * 37 % 151)
  many[k] = i
  expected[i] = k
end
print(order(many) == table.concat(expected, " ")) -- expect: true
-- Keys of every kind keep their turn.
local mixed = {}
mixed[1.5] = 1
mixed[true] = 2
mixed.name = 3
mixed[-1] = 4
mixed[2^53] = 5
mixed[false] = 6
print(order(mixed)) -- expect: 1.5 true name -1 9007199254740992 false
print(next({b = 1, a = 2})) -- expect: b 1
