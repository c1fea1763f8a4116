-- Arrays of integers alone, or of floats alone, are kept in another way: nothing shows it but memory.
local function filled(n, f)
  local t = {}
  for i = 1, n do t[i] = f(i) end
  return t
end
local function half(i) return i / 2 end
local function same(i) return i end
local function joined(t) return table.concat(t, " ") end

-- What makes them others: every kind of value, in the middle and at the end.
for _, value in ipairs({"text", 7, 7.25, true, print, {}}) do
  for _, make in ipairs({half, same}) do
    local t = filled(12, make)
    t[5] = value
    assert(t[5] == value and math.type(t[5]) == math.type(value))
    assert(t[4] == make(4) and math.type(t[6]) == math.type(make(6)) and #t == 12)
    local u = filled(12, make)
    u[#u + 1] = value
    assert(u[13] == value and u[12] == make(12) and #u == 13)
  end
end

-- Gaps, ends, keys around the array.
local t = filled(10, same)
t[4] = nil
print(t[3], t[4], t[5], #t) -- expect: 3	nil	5	10
t[10] = nil
print(#t, t[9], t[10]) -- expect: 9	9	nil
t = filled(10, half)
t[0], t[-1], t[30], t.name, t[2.5] = 1, 2, 3, 4, 5
print(t[0], t[-1], t[30], t.name, t[2.5], t[10], #t) -- expect: 1	2	3	4	5	5.0	10
t[11] = 11.5
print(t[11], t[30], #t) -- expect: 11.5	3	11
while #t > 0 do t[#t] = nil end
print(#t, t[1], t[30]) -- expect: 0	nil	3

-- Emptied and filled with something else.
t = filled(20, same)
for i = 20, 1, -1 do t[i] = nil end
for i = 1, 20 do t[i] = "s" .. i end
print(t[1], t[20]) -- expect: s1	s20

-- From the end, where entries become elements.
t = {}
for i = 16, 1, -1 do t[i] = i + 0.5 end
print(joined(t)) -- expect: 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5 9.5 10.5 11.5 12.5 13.5 14.5 15.5 16.5

-- Constructors and varargs.
local list = {10, 20, 30, 40, 50, 60, 70, 80, 90}
list[3] = 0.5
print(joined(list)) -- expect: 10 20 0.5 40 50 60 70 80 90
local mixed = {1, 2, 3, 4, 5, 6, 7, 8.0, 9}
print(math.type(mixed[8]), math.type(mixed[9])) -- expect: float	integer
print(select("#", table.unpack(list)), joined({table.unpack(list)})) -- expect: 9	10 20 0.5 40 50 60 70 80 90

-- The library.
list = filled(16, function(i) return i * 7 % 17 end)
table.sort(list)
print(joined(list)) -- expect: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16
table.sort(list, function(a, b) return a > b end)
print(joined(list)) -- expect: 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1
table.insert(list, 2, 99)
table.insert(list, 100)
table.insert(list, 1, "first")
print(joined(list)) -- expect: first 16 99 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 100
print(table.remove(list, 1), table.remove(list), #list) -- expect: first	100	17
local floats = filled(9, half)
table.move(floats, 1, 9, 3)
print(joined(floats)) -- expect: 0.5 1.0 0.5 1.0 1.5 2.0 2.5 3.0 3.5 4.0 4.5
print(joined(table.move(floats, 1, 3, 10, filled(9, same)))) -- expect: 1 2 3 4 5 6 7 8 9 0.5 1.0 0.5
print(joined(table.move(floats, 1, 9, 1, filled(9, half)))) -- expect: 0.5 1.0 0.5 1.0 1.5 2.0 2.5 3.0 3.5
print(joined(table.move({"a", "b"}, 1, 2, 2, filled(9, half)))) -- expect: 0.5 a b 2.0 2.5 3.0 3.5 4.0 4.5

-- NaN, infinities and both zeros.
t = filled(9, half)
t[1], t[2], t[3], t[4] = 0 / 0, 1 / 0, -1 / 0, -0.0
print(t[1] ~= t[1], t[2], t[3], 1 / t[4], 1 / -t[4]) -- expect: true	inf	-inf	-inf	inf
table.sort(filled(30, function(i) return i % 3 == 0 and 0 / 0 or i + 0.5 end), function(a, b) return a < b and a == a end)

-- Order of iteration, and changes on the way.
t = filled(9, same)
local keys = {}
for k, v in pairs(t) do
  keys[#keys + 1] = k
  if v % 2 == 0 then t[k] = nil else t[k] = v + 0.5 end
end
print(joined(keys), t[1], t[2], t[9]) -- expect: 1 2 3 4 5 6 7 8 9	1.5	nil	9.5

-- Metatables.
local seen = {}
t = setmetatable(filled(9, half), {__newindex = function(_, k, v) seen[#seen + 1] = k end,
                                   __index = function(_, k) return -k end})
t[10], t[3] = 1.5, 7.5
print(#t, t[10], t[3], joined(seen)) -- expect: 9	-10	7.5	10
t = setmetatable(filled(9, half), {__mode = "v"})
collectgarbage()
print(#t, t[9]) -- expect: 9	4.5

-- Eight bytes an element.
local function size(make)
  collectgarbage()
  local before = collectgarbage("count")
  local made = filled(4096, make)
  return collectgarbage("count") - before, made
end
print(size(half) < 40, size(same) < 40, size(function(i) return i % 2 == 0 end) > 60) -- expect: true	true	true
