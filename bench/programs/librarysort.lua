-- table.sort with its own order and with the script's: numbers, texts, records, and orders of
-- several keys.
--
-- group: sorting
-- small: 400

local size = tonumber((...)) or 70000

local seed = 8
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function shuffle(list)
  for i = #list, 2, -1 do
    local j = random(i)
    list[i], list[j] = list[j], list[i]
  end
  return list
end

local function is_sorted(list, less)
  for i = 2, #list do
    if less(list[i], list[i - 1]) then
      return false
    end
  end
  return true
end

local function ascending(a, b)
  return a < b
end

local function descending(a, b)
  return a > b
end

local whole, floats = {}, {}
for i = 1, size do
  whole[i], floats[i] = random(1000000), random(1000000) / 1024
end
table.sort(whole)
assert(is_sorted(whole, ascending), "whole numbers")
table.sort(whole, descending)
assert(is_sorted(whole, descending), "descending")
table.sort(floats)
assert(is_sorted(floats, ascending), "floats")

local words = {}
for i = 1, size / 2 do
  words[i] = string.format("%04x%d", random(65536) - 1, i % 10)
end
local pages = shuffle({"one", "two", "three", "four", "five", "six", "seven", "eight"})
table.sort(pages)
assert(table.concat(pages, " ") == "eight five four one seven six three two", "words")
table.sort(words)
assert(is_sorted(words, ascending), "texts")
table.sort(words, function(a, b)
  return a:reverse() < b:reverse()
end)
assert(words[1]:sub(-1) == "0" and words[#words]:sub(-1) == "9", "reversed texts")

local Version = {}

function Version.__lt(a, b)
  for i = 1, 3 do
    if a[i] ~= b[i] then
      return a[i] < b[i]
    end
  end
  return false
end

local versions = {}
for i = 1, size / 4 do
  versions[i] = setmetatable({random(3), random(20), random(100)}, Version)
end
table.sort(versions)
assert(is_sorted(versions, ascending), "versions")

local people = {}
for i = 1, size / 2 do
  people[i] = {name = "name" .. random(200), age = random(90), number = i}
end

local function by(...)
  local fields = {...}
  return function(a, b)
    for i = 1, #fields do
      local field = fields[i]
      if a[field] ~= b[field] then
        return a[field] < b[field]
      end
    end
    return false
  end
end

table.sort(people, by("age", "name", "number"))
for i = 2, #people do
  local a, b = people[i - 1], people[i]
  assert(a.age < b.age or a.age == b.age and
         (a.name < b.name or a.name == b.name and a.number < b.number), "people")
end
table.sort(people, function(a, b)
  return a.number < b.number
end)
for i, person in ipairs(people) do
  assert(person.number == i, "numbers")
end

-- Leaders of a list that is kept in order.
local leaders = {}
for _ = 1, size / 8 do
  leaders[#leaders + 1] = random(100000)
  if #leaders > 40 then
    table.sort(leaders, descending)
    leaders[#leaders] = nil
  end
end
table.sort(leaders, descending)
assert(is_sorted(leaders, descending) and #leaders == math.min(40, math.floor(size / 8)), "leaders")

-- Ranks of whole lists.
local order = {}
for i = 1, size / 2 do
  order[i] = i
end
local keys = floats
table.sort(shuffle(order), function(i, j)
  return keys[i] < keys[j] or keys[i] == keys[j] and i < j
end)
for i = 1, #order do
  assert(order[i] == i, "order of a sorted list")
end
