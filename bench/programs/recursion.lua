-- Plain recursive functions: two calls a level, three, deep ones, and a search with backtracking.
--
-- group: calls
-- small: 2

local size = tonumber((...)) or 130

local function fibonacci(n)
  if n < 2 then
    return n
  end
  return fibonacci(n - 1) + fibonacci(n - 2)
end

local function takeuchi(x, y, z)
  if y >= x then
    return z
  end
  return takeuchi(takeuchi(x - 1, y, z), takeuchi(y - 1, z, x), takeuchi(z - 1, x, y))
end

local function ackermann(m, n)
  if m == 0 then
    return n + 1
  elseif n == 0 then
    return ackermann(m - 1, 1)
  end
  return ackermann(m - 1, ackermann(m, n - 1))
end

-- Functions that know each other as upvalues, and call each other last.
local is_odd

local function is_even(n)
  if n == 0 then
    return true
  end
  return is_odd(n - 1)
end

function is_odd(n)
  if n == 0 then
    return false
  end
  return is_even(n - 1)
end

local function hanoi(n, from, to, via)
  if n == 0 then
    return 0
  end
  return hanoi(n - 1, from, via, to) + 1 + hanoi(n - 1, via, to, from)
end

-- How many ways there are to place n queens that do not attack each other.
local function queens(n)
  local columns, rising, falling = {}, {}, {}

  local function place(row)
    if row > n then
      return 1
    end
    local count = 0
    for column = 1, n do
      local up, down = row + column - 1, row - column + n
      if not (columns[column] or rising[up] or falling[down]) then
        columns[column], rising[up], falling[down] = true, true, true
        count = count + place(row + 1)
        columns[column], rising[up], falling[down] = false, false, false
      end
    end
    return count
  end

  return place(1)
end

-- Binary trees with n inner nodes, by summing over the split at the root.
local function catalan(n)
  if n == 0 then
    return 1
  end
  local sum = 0
  for left = 0, n - 1 do
    sum = sum + catalan(left) * catalan(n - 1 - left)
  end
  return sum
end

for _ = 1, size do
  assert(fibonacci(21) == 10946, "fibonacci")
  assert(takeuchi(18, 12, 6) == 7, "takeuchi")
  assert(ackermann(2, 120) == 243, "ackermann")
  assert(is_even(20000) and not is_odd(20000), "parity")
  assert(hanoi(13, "left", "right", "middle") == 8191, "hanoi")
  assert(queens(6) == 4, "queens")
  assert(catalan(9) == 4862, "catalan")
end
