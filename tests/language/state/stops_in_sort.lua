-- Sorting with comparators that work, compare through metamethods, fail, and sort in turn.
local function work(n) local s = 0 for i = 1, n do s = s + i end return s end
local t = {5, 2, 8, 1, 9, 3, 7, 4, 6, 0}
table.sort(t, function(a, b) work(2) return a > b end)
print(table.concat(t, " ")) -- expect: 9 8 7 6 5 4 3 2 1 0
table.sort(t)
print(table.concat(t, " ")) -- expect: 0 1 2 3 4 5 6 7 8 9
local words = {"pear", "Apple", "fig", "apple", "Banana"}
table.sort(words, function(a, b)
  local x, y = a:lower(), b:lower()
  if x ~= y then return x < y end
  return a < b
end)
print(table.concat(words, " ")) -- expect: Apple apple Banana fig pear
local mt = {__lt = function(a, b) work(2) return a.v < b.v end}
local objects = {}
for i, v in ipairs {3, 1, 2} do objects[i] = setmetatable({v = v}, mt) end
table.sort(objects)
print(objects[1].v, objects[2].v, objects[3].v) -- expect: 1 2 3
-- A comparator that sorts another list.
local lists = {{3, 1}, {2, 0}, {9, 5, 4}}
table.sort(lists, function(a, b)
  table.sort(a) table.sort(b)
  return a[1] < b[1]
end)
print(lists[1][1], lists[2][1], lists[3][1]) -- expect: 0 1 4
-- One that fails leaves a permutation of the list.
local u = {4, 3, 2, 1}
local calls = 0
local ok, e = pcall(table.sort, u, function(a, b)
  calls = calls + 1
  if calls == 3 then error("enough", 0) end
  return a < b
end)
local sum = 0
for _, v in ipairs(u) do sum = sum + v end
print(ok, e, #u, sum) -- expect: false enough 4 10
-- A list behind a proxy.
local data = {3, 1, 2}
local proxy = setmetatable({}, {
  __index = function(_, i) work(1) return data[i] end,
  __newindex = function(_, i, v) work(1) data[i] = v end,
  __len = function() return #data end,
})
table.sort(proxy)
print(table.concat(data, " "), rawlen(proxy)) -- expect: 1 2 3 0
