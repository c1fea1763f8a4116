-- The table library, for anything that acts as a table. Every access below respects metamethods.

local kRead <const> = 1
local kWrite <const> = 2
local kLength <const> = 4
local kMaxInteger <const> = 0x7fffffffffffffff

local function check_list(value, index, needs)
  if not intrinsic.acts_as_table(value, needs) then
    intrinsic.type_error(index, "table", value)
  end
end

local function length_of(list)
  local length = #list
  if math.type(length) == "integer" then return length end
  local integer = math.tointeger(length)
  if not integer then intrinsic.error("object length is not an integer") end
  return integer
end

local function insert(...)
  local count = select("#", ...)
  local list, position, value = ...
  check_list(list, 1, kRead | kWrite | kLength)
  local place = length_of(list) + 1
  if count == 2 then
    list[place] = position
  elseif count == 3 then
    position = intrinsic.check_integer(position, 2)
    if not math.ult(position - 1, place) then
      intrinsic.arg_error(2, "position out of bounds")
    end
    while place > position do
      list[place] = list[place - 1]
      place = place - 1
    end
    list[position] = value
  else
    intrinsic.error("wrong number of arguments to 'insert'")
  end
end

local function remove(list, position)
  check_list(list, 1, kRead | kWrite | kLength)
  local length = length_of(list)
  position = intrinsic.opt_integer(position, 2, length)
  if position ~= length and math.ult(length, position - 1) then
    intrinsic.arg_error(2, "position out of bounds")
  end
  local removed = list[position]
  while position < length do
    list[position] = list[position + 1]
    position = position + 1
  end
  list[position] = nil
  return removed
end

local function move(source, first, last, to, target)
  first = intrinsic.check_integer(first, 2)
  last = intrinsic.check_integer(last, 3)
  to = intrinsic.check_integer(to, 4)
  local target_index = 5
  if target == nil then
    target = source
    target_index = 1
  end
  check_list(source, 1, kRead)
  check_list(target, target_index, kWrite)
  if last >= first then
    if first <= 0 and last >= kMaxInteger + first then
      intrinsic.arg_error(3, "too many elements to move")
    end
    local count = last - first + 1
    if to > kMaxInteger - count + 1 then
      intrinsic.arg_error(4, "destination wrap around")
    end
    if to > last or to <= first or (target_index ~= 1 and source ~= target) then
      for i = 0, count - 1 do
        target[to + i] = source[first + i]
      end
    else
      -- The target covers what has not been read yet: from the end.
      for i = count - 1, 0, -1 do
        target[to + i] = source[first + i]
      end
    end
  end
  return target
end

local function concat(list, separator, first, last)
  check_list(list, 1, kRead | kLength)
  local length = length_of(list)
  separator = separator == nil and "" or intrinsic.check_string(separator, 2)
  first = intrinsic.opt_integer(first, 3, 1)
  last = intrinsic.opt_integer(last, 4, length)
  if first > last then return "" end
  if intrinsic.is_plain_table(list) then
    return intrinsic.concat(list, separator, first, last)
  end
  local values = {}
  local count = 0
  for i = first, last do
    local value = list[i]
    local kind = type(value)
    if kind ~= "string" and kind ~= "number" then
      intrinsic.error("invalid value (" .. kind .. ") at index " .. i ..
                      " in table for 'concat'")
    end
    count = count + 1
    values[count] = value
  end
  return intrinsic.concat(values, separator, 1, count)
end

local function unpack(list, first, last)
  first = intrinsic.opt_integer(first, 2, 1)
  if last == nil then
    last = length_of(list)
  else
    last = intrinsic.check_integer(last, 3)
  end
  if first > last then return end
  intrinsic.can_unpack(first, last)
  if intrinsic.is_plain_table(list) then return intrinsic.unpack(list, first, last) end
  local values = {}
  local count = 0
  for i = first, last do
    count = count + 1
    values[count] = list[i]
  end
  return intrinsic.unpack(values, 1, count)
end

-- Quicksort after R. Sedgewick, "Algorithms" (median of three, the smaller part first), with the
-- parts that wait on a list instead of in calls, so that a comparator sees one level of it.
local kLargePart <const> = 100

local function throw_invalid_order()
  intrinsic.error("invalid order function for sorting")
end

local function sort(list, less)
  check_list(list, 1, kRead | kWrite | kLength)
  local length = length_of(list)
  if length < 2 then return end
  if length >= 0x7fffffff then intrinsic.arg_error(1, "array too big") end
  if less ~= nil and type(less) ~= "function" then
    intrinsic.type_error(2, "function", less)
  end

  local waiting = {}
  local waiting_count = 0
  local random = 0
  local low, high = 1, length
  while true do
    while low < high do
      -- The ends in order.
      local a, b = list[low], list[high]
      if less and less(b, a) or not less and b < a then
        list[low], list[high] = b, a
      end
      if high - low == 1 then break end

      -- A pivot in the middle, in order with the ends.
      local middle = (low + high) // 2
      if high - low >= kLargePart and random ~= 0 then
        local quarter = (high - low) // 4
        middle = low + quarter + random % (2 * quarter)
      end
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
      list[middle] = list[high - 1]
      list[high - 1] = pivot
      local i, j = low, high - 1
      while true do
        local left, right
        i = i + 1
        left = list[i]
        while less and less(left, pivot) or not less and left < pivot do
          if i == high - 1 then throw_invalid_order() end
          i = i + 1
          left = list[i]
        end
        j = j - 1
        right = list[j]
        while less and less(pivot, right) or not less and pivot < right do
          if j < i then throw_invalid_order() end
          j = j - 1
          right = list[j]
        end
        if j < i then
          list[high - 1] = left
          list[i] = pivot
          break
        end
        list[i] = right
        list[j] = left
      end

      -- Go on with the smaller part.
      local smaller
      waiting_count = waiting_count + 2
      if i - low < high - i then
        smaller = i - low
        waiting[waiting_count - 1], waiting[waiting_count] = i + 1, high
        if (high - i - 1) // 128 > smaller then random = high * 40503 + low + 1 end
        high = i - 1
      else
        smaller = high - i
        waiting[waiting_count - 1], waiting[waiting_count] = low, i - 1
        if (i - 1 - low) // 128 > smaller then random = high * 40503 + low + 1 end
        low = i + 1
      end
    end
    if waiting_count == 0 then return end
    low, high = waiting[waiting_count - 1], waiting[waiting_count]
    waiting_count = waiting_count - 2
  end
end

return {
  ["table.concat"] = concat,
  ["table.insert"] = insert,
  ["table.move"] = move,
  ["table.remove"] = remove,
  ["table.sort"] = sort,
  ["table.unpack"] = unpack,
}
