-- A cache that forgets what was not used for longest: tables with many keys put in and taken out,
-- a list that is linked both ways, and sparse whole numbers as keys.
--
-- group: hash tables
-- small: 4000

local size = tonumber((...)) or 200000

local Cache = {}
Cache.__index = Cache

function Cache.new(capacity)
  local list = {}
  list.next, list.previous = list, list
  return setmetatable({capacity = capacity, count = 0, entries = {}, list = list}, Cache)
end

local function unlink(entry)
  entry.previous.next = entry.next
  entry.next.previous = entry.previous
end

local function link_first(list, entry)
  entry.next, entry.previous = list.next, list
  list.next.previous = entry
  list.next = entry
end

function Cache:get(key)
  local entry = self.entries[key]
  if entry == nil then
    return nil
  end
  unlink(entry)
  link_first(self.list, entry)
  return entry.value
end

function Cache:put(key, value)
  local entry = self.entries[key]
  if entry then
    entry.value = value
    unlink(entry)
  else
    if self.count == self.capacity then
      local oldest = self.list.previous
      unlink(oldest)
      self.entries[oldest.key] = nil
      self.count = self.count - 1
    end
    entry = {key = key, value = value}
    self.entries[key] = entry
    self.count = self.count + 1
  end
  link_first(self.list, entry)
end

function Cache:newest_first()
  local entry = self.list
  return function()
    entry = entry.next
    if entry ~= self.list then
      return entry.key, entry.value
    end
  end
end

local seed = 17
local function random()
  seed = seed * 16807 % 2147483647
  return seed
end

-- Most requests are for few keys.
local function popular_key()
  local r = random() % 1000
  if r < 600 then
    return r % 40
  end
  return random() % 3000
end

local function run(n, key_of)
  local cache = Cache.new(500)
  local hits = 0
  for _ = 1, n do
    local key = key_of(popular_key())
    local value = cache:get(key)
    if value then
      hits = hits + 1
      assert(value == key, "value")
    else
      cache:put(key, key)
    end
  end
  local left = 0
  for key, value in cache:newest_first() do
    assert(key == value and cache.entries[key], "entry")
    left = left + 1
  end
  assert(left == cache.count and left <= 500, "count")
  local in_table = 0
  for _ in pairs(cache.entries) do
    in_table = in_table + 1
  end
  assert(in_table == left, "table")
  return hits
end

-- The same by looking through a list, for the beginning.
local function hits_by_search(n, capacity)
  local keys, hits = {}, 0
  for _ = 1, n do
    local key = popular_key()
    local position
    for i, other in ipairs(keys) do
      if other == key then
        position = i
        break
      end
    end
    if position then
      hits = hits + 1
      table.remove(keys, position)
    elseif #keys == capacity then
      table.remove(keys)
    end
    table.insert(keys, 1, key)
  end
  return hits
end

local names = {}
for i = 0, 3000 do
  names[i] = "key " .. i
end

seed = 17
local numbers = run(size, function(key) return key * 7919 + 100000 end)
seed = 17
assert(run(size, function(key) return names[key] end) == numbers, "names")
seed = 17
assert(run(size, function(key) return key + 0.5 end) == numbers, "floats")

local short = 3000
seed = 17
local by_search = hits_by_search(short, 500)
seed = 17
assert(run(short, function(key) return key end) == by_search, "search")
if size == 200000 then
  assert(numbers == 133181, "hits")
end
