-- The random generator goes on where it was; clocks come from outside and do not go back.
math.randomseed(2024)
local first = {}
for i = 1, 20 do first[i] = math.random(1000) end
math.randomseed(2024)
local second = {}
for i = 1, 20 do
  for _ = 1, i % 3 do end
  second[i] = math.random(1000)
end
print(table.concat(first, " ") == table.concat(second, " ")) -- expect: true
-- Interleaved with other uses.
math.randomseed(99, 1)
local a = {math.random(0), math.random(), math.random(6)}
math.randomseed(99, 1)
local co = coroutine.wrap(function()
  coroutine.yield(math.random(0))
  coroutine.yield(math.random())
  coroutine.yield(math.random(6))
end)
print(co() == a[1], co() == a[2], co() == a[3]) -- expect: true true true
-- randomseed without arguments gives its seeds back, and they repeat the sequence.
local x, y = math.randomseed()
if x then
  local r = math.random(0)
  math.randomseed(x, y)
  print(r == math.random(0)) -- expect: true
else
  print(true)
end
local c1 = os.clock()
local n = 0
for i = 1, 200 do n = n + i end
local c2 = os.clock()
print(c2 >= c1, math.type(c1), math.type(os.time()), os.time() > 1600000000)
-- expect: true float integer true
local t1 = os.time()
for i = 1, 50 do n = n + i end
print(os.time() >= t1, os.difftime(os.time(), t1) < 600) -- expect: true true
