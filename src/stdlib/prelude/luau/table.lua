-- What the native functions of Luau's table library leave: long lists, and callbacks. In the
-- language of Lua 5.4, whose integers count; what a script sees of them is a float. No metamethods.

-- The native function has seen to it that 1 <= position <= length.
local function insert(list, position, value)
  for place = rawlen(list), position, -1 do
    rawset(list, place + 1, rawget(list, place))
  end
  rawset(list, position, value)
end

local function remove(list, position)
  local length = rawlen(list)
  local removed = rawget(list, position)
  for place = position, length - 1 do
    rawset(list, place, rawget(list, place + 1))
  end
  rawset(list, length, nil)
  return removed
end

-- A range of which most places are empty: what lies there, instead of all its places.
local function move_sparse(source, first, last, to, target)
  local places, values = {}, {}
  local count = 0
  for key, value in next, source do
    if math.type(key) == "integer" and key >= first and key <= last then
      count = count + 1
      rawset(places, count, to + (key - first))
      rawset(values, count, value)
    end
  end
  local stop = to + (last - first)
  for key in next, target do
    if math.type(key) == "integer" and key >= to and key <= stop then rawset(target, key, nil) end
  end
  for n = 1, count do
    rawset(target, places[n], values[n])
  end
end

-- Arguments were checked.
local function move(source, first, last, to, target)
  local is_same = target == nil or rawequal(source, target)
  if target == nil then target = source end
  local size = last - first + 1
  if size > 32 and size // 2 > math.max(intrinsic.luau_places(source), intrinsic.luau_places(target)) then
    move_sparse(source, first, last, to, target)
    return target
  end
  if to > last or to <= first or not is_same then
    for place = 0, last - first do
      rawset(target, to + place, rawget(source, first + place))
    end
  else
    -- The target covers what has not been read yet: from the end.
    for place = last - first, 0, -1 do
      rawset(target, to + place, rawget(source, first + place))
    end
  end
  return target
end

local function foreachi(list, visit)
  intrinsic.check_table(list, 1)
  intrinsic.check_function(visit, 2)
  for place = 1, rawlen(list) do
    local result = visit(place + 0.0, rawget(list, place))
    if result ~= nil then return result end
  end
end

local function foreach(list, visit)
  intrinsic.check_table(list, 1)
  intrinsic.check_function(visit, 2)
  for key, value in next, list do
    if math.type(key) == "integer" then key = key + 0.0 end
    local result = visit(key, value)
    if result ~= nil then return result end
  end
end

local function maxn(list)
  intrinsic.check_table(list, 1)
  local highest = 0
  for key in next, list do
    if math.type(key) and key > highest then highest = key end
  end
  return highest + 0.0
end

-- Quicksort (R. Sedgewick, "Algorithms"): a pivot from the middle of three, the smaller part first,
-- and, when too many parts were lopsided, a heap instead (D. Musser, "Introspective Sorting").
-- Parts that wait stand on a list, so that a comparator sees one level of the function. What is
-- there is read and written without calls, each of which is a safepoint.
local function throw_invalid_order()
  intrinsic.error("invalid order function for sorting")
end

local function sort_heap(list, less, first, last)
  local function sift(root, stop)
    while true do
      local child = first + 2 * (root - first) + 1
      if child > stop then return end
      local value = list[child]
      if child < stop then
        local other = list[child + 1]
        if less and less(value, other) or not less and value < other then
          child, value = child + 1, other
        end
      end
      local parent = list[root]
      if not (less and less(parent, value) or not less and parent < value) then return end
      list[root], list[child] = value, parent
      root = child
    end
  end
  for root = first + (last - first + 1) // 2 - 1, first, -1 do sift(root, last) end
  for place = last, first + 1, -1 do
    list[first], list[place] = list[place], list[first]
    sift(first, place - 1)
  end
end

local function sort(list, less)
  local length = rawlen(list)
  local places = intrinsic.luau_places(list)
  local function check()
    if intrinsic.luau_places(list) ~= places then
      intrinsic.error("table modified during sorting")
    end
  end

  local waiting = { 1, length, length }
  local count = 3
  while count > 0 do
    local low, high, limit = waiting[count - 2], waiting[count - 1], waiting[count]
    count = count - 3
    while low < high do
      check()
      if limit == 0 then
        sort_heap(list, less, low, high)
        break
      end
      -- The ends in order.
      local a, b = list[low], list[high]
      if less and less(b, a) or not less and b < a then list[low], list[high] = b, a end
      if high - low == 1 then break end

      -- A pivot in the middle, in order with the ends.
      local middle = low + (high - low) // 2
      local pivot = list[middle]
      a = list[low]
      if less and less(pivot, a) or not less and pivot < a then
        list[middle], list[low] = a, pivot
      else
        b = list[high]
        if less and less(b, pivot) or not less and b < pivot then
          list[middle], list[high] = b, pivot
        end
      end
      if high - low == 2 then break end

      -- Partition of what lies between; the pivot waits at the place before the last.
      pivot = list[middle]
      list[middle], list[high - 1] = list[high - 1], pivot
      local i, j = low, high - 1
      while true do
        i = i + 1
        local left = list[i]
        while less and less(left, pivot) or not less and left < pivot do
          if i >= high then throw_invalid_order() end
          i = i + 1
          left = list[i]
        end
        j = j - 1
        local right = list[j]
        while less and less(pivot, right) or not less and pivot < right do
          if j <= low then throw_invalid_order() end
          j = j - 1
          right = list[j]
        end
        if j < i then break end
        list[i], list[j] = right, left
      end
      list[high - 1], list[i] = list[i], pivot

      -- Go on with the smaller part.
      limit = limit // 2 + limit // 4
      count = count + 3
      if i - low < high - i then
        waiting[count - 2], waiting[count - 1], waiting[count] = i + 1, high, limit
        high = i - 1
      else
        waiting[count - 2], waiting[count - 1], waiting[count] = low, i - 1, limit
        low = i + 1
      end
    end
  end
  check()
end

-- Once an element has an __eq to ask.
local function find(list, value, place)
  while true do
    local element = rawget(list, place)
    if element == nil then return nil end
    if element == value then return place + 0.0 end
    place = place + 1
  end
end

return {
  ["luau:table.find"] = find,
  ["luau:table.foreach"] = foreach,
  ["luau:table.foreachi"] = foreachi,
  ["luau:table.insert"] = insert,
  ["luau:table.maxn"] = maxn,
  ["luau:table.move"] = move,
  ["luau:table.remove"] = remove,
  ["luau:table.sort"] = sort,
}
