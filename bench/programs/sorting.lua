-- Sorting by hand: six algorithms over numbers in disorder, in order, in reverse, and with few
-- values.
--
-- group: sorting
-- small: 300

local size = tonumber((...)) or 60000

local seed = 42
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function quick_sort(list, first, last)
  while first < last do
    -- The middle of three as the pivot, a plain loop for short parts.
    if last - first < 12 then
      for i = first + 1, last do
        local x, j = list[i], i - 1
        while j >= first and list[j] > x do
          list[j + 1] = list[j]
          j = j - 1
        end
        list[j + 1] = x
      end
      return
    end
    local middle = math.floor((first + last) / 2)
    local a, b, c = list[first], list[middle], list[last]
    local pivot = math.max(math.min(a, b), math.min(math.max(a, b), c))
    local i, j = first, last
    while i <= j do
      while list[i] < pivot do
        i = i + 1
      end
      while list[j] > pivot do
        j = j - 1
      end
      if i <= j then
        list[i], list[j] = list[j], list[i]
        i, j = i + 1, j - 1
      end
    end
    if j - first < last - i then
      quick_sort(list, first, j)
      first = i
    else
      quick_sort(list, i, last)
      last = j
    end
  end
end

local function sift_down(heap, i, n)
  local x = heap[i]
  while 2 * i <= n do
    local child = 2 * i
    if child < n and heap[child + 1] > heap[child] then
      child = child + 1
    end
    if heap[child] <= x then
      break
    end
    heap[i] = heap[child]
    i = child
  end
  heap[i] = x
end

local function heap_sort(list)
  local n = #list
  for i = math.floor(n / 2), 1, -1 do
    sift_down(list, i, n)
  end
  for last = n, 2, -1 do
    list[1], list[last] = list[last], list[1]
    sift_down(list, 1, last - 1)
  end
end

local function merge_sort(list)
  local n, source, target = #list, list, {}
  local width = 1
  while width < n do
    for first = 1, n, 2 * width do
      local middle = math.min(first + width, n + 1)
      local last = math.min(first + 2 * width, n + 1)
      local i, j = first, middle
      for k = first, last - 1 do
        if i < middle and (j >= last or source[i] <= source[j]) then
          target[k] = source[i]
          i = i + 1
        else
          target[k] = source[j]
          j = j + 1
        end
      end
    end
    source, target = target, source
    width = 2 * width
  end
  return source
end

local function shell_sort(list)
  local n = #list
  local gap = 1
  while gap < n / 3 do
    gap = 3 * gap + 1
  end
  while gap >= 1 do
    for i = gap + 1, n do
      local x, j = list[i], i
      while j > gap and list[j - gap] > x do
        list[j] = list[j - gap]
        j = j - gap
      end
      list[j] = x
    end
    gap = math.floor(gap / 3)
  end
end

-- By the digits of base 256, least first.
local function radix_sort(list)
  local divisor = 1
  for _ = 1, 3 do
    local buckets = {}
    for digit = 0, 255 do
      buckets[digit] = {}
    end
    for i = 1, #list do
      local x = list[i]
      local bucket = buckets[math.floor(x / divisor) % 256]
      bucket[#bucket + 1] = x
    end
    local n = 0
    for digit = 0, 255 do
      for _, x in ipairs(buckets[digit]) do
        n = n + 1
        list[n] = x
      end
    end
    divisor = divisor * 256
  end
end

-- With as many passes as elements are out of place.
local function bubble_sort(list)
  local n = #list
  repeat
    local last_swap = 0
    for i = 1, n - 1 do
      if list[i] > list[i + 1] then
        list[i], list[i + 1] = list[i + 1], list[i]
        last_swap = i
      end
    end
    n = last_swap
  until n == 0
end

local function check(list, n, sum)
  assert(#list == n, "length")
  for i = 2, n do
    sum = sum - list[i]
    assert(list[i - 1] <= list[i], "order")
  end
  assert(sum == list[1], "sum")
end

local makers = {
  function() return random(16000000) end,
  function(i) return i end,
  function(_, n) return n end,
  function() return random(10) end,
}

local function make(kind, n)
  local list, sum = {}, 0
  for i = 1, n do
    list[i] = kind(i, n - i + 1)
    sum = sum + list[i]
  end
  return list, sum
end

for _, kind in ipairs(makers) do
  local list, sum = make(kind, size)
  quick_sort(list, 1, size)
  check(list, size, sum)
  list, sum = make(kind, size)
  heap_sort(list)
  check(list, size, sum)
  list, sum = make(kind, size)
  check(merge_sort(list), size, sum)
  list, sum = make(kind, size)
  shell_sort(list)
  check(list, size, sum)
  list, sum = make(kind, size)
  radix_sort(list)
  check(list, size, sum)
  local few = math.floor(size / 60) + 1
  list, sum = make(kind, few)
  bubble_sort(list)
  check(list, few, sum)
end
