-- Queue, heap, linked list, set with operators, LRU cache.
local Heap = {}
Heap.__index = Heap
function Heap:push(v)
  local i = #self + 1
  self[i] = v
  while i > 1 and self[i // 2] > self[i] do
    self[i // 2], self[i] = self[i], self[i // 2]
    i = i // 2
  end
end
function Heap:pop()
  local top = self[1]
  self[1] = self[#self]
  self[#self] = nil
  local i = 1
  while true do
    local child = 2 * i
    if child > #self then break end
    if child < #self and self[child + 1] < self[child] then child = child + 1 end
    if self[i] <= self[child] then break end
    self[i], self[child] = self[child], self[i]
    i = child
  end
  return top
end
local heap, out = setmetatable({}, Heap), {}
for _, v in ipairs {5, 3, 8, 1, 9, 2, 7} do heap:push(v) end
while #heap > 0 do out[#out + 1] = heap:pop() end
print(table.concat(out, " ")) -- expect: 1 2 3 5 7 8 9

local Set = {}
Set.__index = Set
local function new(list)
  local s = setmetatable({}, Set)
  for _, v in ipairs(list) do s[v] = true end
  return s
end
Set.__add = function(a, b)
  local s = new {}
  for k in pairs(a) do s[k] = true end
  for k in pairs(b) do s[k] = true end
  return s
end
Set.__mul = function(a, b)
  local s = new {}
  for k in pairs(a) do s[k] = b[k] end
  return s
end
Set.__le = function(a, b)
  for k in pairs(a) do if not b[k] then return false end end
  return true
end
Set.__eq = function(a, b) return a <= b and b <= a end
Set.__len = function(a) local n = 0 for _ in pairs(a) do n = n + 1 end return n end
Set.__tostring = function(a)
  local l = {}
  for k in pairs(a) do l[#l + 1] = tostring(k) end
  table.sort(l)
  return "{" .. table.concat(l, ", ") .. "}"
end
local a, b = new {1, 2, 3}, new {2, 3, 4}
print(a + b, a * b, #(a + b), a * b <= a, a <= b, a == new {3, 2, 1})
-- expect: {1, 2, 3, 4} {2, 3} 4 true false true

local function lru(size)
  local map, head = {}, {}
  head.next, head.prev = head, head
  local count = 0
  local function unlink(n) n.prev.next, n.next.prev = n.next, n.prev end
  local function front(n)
    n.next, n.prev = head.next, head
    head.next.prev, head.next = n, n
  end
  return {
    get = function(k)
      local n = map[k]
      if not n then return nil end
      unlink(n)
      front(n)
      return n.value
    end,
    put = function(k, v)
      if map[k] then unlink(map[k]) count = count - 1 end
      local n = {key = k, value = v}
      map[k] = n
      front(n)
      count = count + 1
      if count > size then
        local old = head.prev
        unlink(old)
        map[old.key] = nil
        count = count - 1
      end
    end,
  }
end
local cache = lru(2)
cache.put("a", 1)
cache.put("b", 2)
print(cache.get("a")) -- expect: 1
cache.put("c", 3)
print(cache.get("a"), cache.get("b"), cache.get("c")) -- expect: 1 nil 3
