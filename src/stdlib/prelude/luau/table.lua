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
-- Parts that wait stand on a list, so that a comparator sees one level of the function.
local function sort(list, less)
  local length = rawlen(list)
  local places = intrinsic.luau_places(list)

  local function is_less(i, j)
    local a, b = rawget(list, i), rawget(list, j)
    local result
    if less then result = less(a, b) else result = a < b end
    if intrinsic.luau_places(list) ~= places then
      intrinsic.error("table modified during sorting")
    end
    return result
  end
  local function swap(i, j)
    local a = rawget(list, i)
    rawset(list, i, rawget(list, j))
    rawset(list, j, a)
  end

  -- The heap's root is element `first`.
  local function sift(first, last, root)
    while true do
      local child = first + 2 * (root - first) + 1
      if child > last then return end
      if child < last and is_less(child, child + 1) then child = child + 1 end
      if not is_less(root, child) then return end
      swap(root, child)
      root = child
    end
  end
  local function sort_heap(first, last)
    for root = first + (last - first + 1) // 2 - 1, first, -1 do sift(first, last, root) end
    for place = last, first + 1, -1 do
      swap(first, place)
      sift(first, place - 1, first)
    end
  end

  local waiting = { 1, length, length }
  local count = 3
  while count > 0 do
    local low, high, limit = waiting[count - 2], waiting[count - 1], waiting[count]
    count = count - 3
    while low < high do
      if limit == 0 then
        sort_heap(low, high)
        break
      end
      if is_less(high, low) then swap(high, low) end
      if high - low == 1 then break end
      local middle = low + (high - low) // 2
      if is_less(middle, low) then
        swap(middle, low)
      elseif is_less(high, middle) then
        swap(middle, high)
      end
      if high - low == 2 then break end
      -- The pivot waits before the last element.
      local pivot = high - 1
      swap(middle, pivot)
      local i, j = low, pivot
      while true do
        i = i + 1
        while is_less(i, pivot) do
          if i >= high then intrinsic.error("invalid order function for sorting") end
          i = i + 1
        end
        j = j - 1
        while is_less(pivot, j) do
          if j <= low then intrinsic.error("invalid order function for sorting") end
          j = j - 1
        end
        if j < i then break end
        swap(i, j)
      end
      swap(pivot, i)
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
