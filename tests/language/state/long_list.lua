-- modes: plain trip:101 stress fail -- thousands of safepoints over thousands of nodes
-- A linked list and a table nested thousands deep, which no recursion could walk.
local head
for i = 1, 5000 do head = {value = i, next = head} end
local n, sum, node = 0, 0, head
while node do
  n = n + 1
  sum = sum + node.value
  node = node.next
end
print(n, sum) -- expect: 5000 12502500
local deep = {}
local inner = deep
for i = 1, 2000 do
  inner[1] = {}
  inner = inner[1]
end
inner[1] = "bottom"
local level = 0
while type(deep) == "table" do
  deep = deep[1]
  level = level + 1
end
print(level, deep) -- expect: 2001 bottom
-- A chain of closures and one of metatables.
local f = function() return 0 end
for i = 1, 150 do
  local inner_f = f
  f = function() return inner_f() + 1 end
end
print(f()) -- expect: 150
local base = {v = "found"}
for i = 1, 90 do base = setmetatable({}, {__index = base}) end
print(base.v) -- expect: found
