-- Tables of results: the distance between texts, their longest common part, a knapsack, and change
-- for an amount.
--
-- group: arrays
-- small: 20

local size = tonumber((...)) or 500
local min, max = math.min, math.max

local seed = 99
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function text(n)
  local letters = {}
  for i = 1, n do
    letters[i] = string.char(96 + random(4))
  end
  return table.concat(letters)
end

-- Insertions, deletions and replacements from a to b, with two rows of the table.
local function edits(a, b)
  local previous, current = {}, {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    current[0] = i
    local letter = a:byte(i)
    for j = 1, #b do
      local cost = letter == b:byte(j) and 0 or 1
      current[j] = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
    end
    previous, current = current, previous
  end
  return previous[#b]
end

-- The longest text that can be had from both by leaving out letters, from the whole table.
local function common(a, b)
  local n, m = #a, #b
  local left, right = {a:byte(1, n)}, {b:byte(1, m)}
  local length = {}
  for i = 0, n do
    length[i] = {[0] = 0}
  end
  for j = 1, m do
    length[0][j] = 0
  end
  for i = 1, n do
    local row, above, letter = length[i], length[i - 1], left[i]
    for j = 1, m do
      if letter == right[j] then
        row[j] = above[j - 1] + 1
      elseif above[j] >= row[j - 1] then
        row[j] = above[j]
      else
        row[j] = row[j - 1]
      end
    end
  end

  local letters, i, j = {}, n, m
  while i > 0 and j > 0 do
    if left[i] == right[j] then
      table.insert(letters, 1, string.char(left[i]))
      i, j = i - 1, j - 1
    elseif length[i - 1][j] >= length[i][j - 1] then
      i = i - 1
    else
      j = j - 1
    end
  end
  return table.concat(letters)
end

local function is_part(part, whole)
  local position = 0
  for letter in part:gmatch(".") do
    position = whole:find(letter, position + 1, true)
    if not position then
      return false
    end
  end
  return true
end

local function knapsack(items, capacity)
  local best = {}
  for weight = 0, capacity do
    best[weight] = 0
  end
  for _, item in ipairs(items) do
    for weight = capacity, item.weight, -1 do
      best[weight] = max(best[weight], best[weight - item.weight] + item.value)
    end
  end
  return best[capacity]
end

local function ways_to_pay(amount, coins)
  local ways = {[0] = 1}
  for i = 1, amount do
    ways[i] = 0
  end
  for _, coin in ipairs(coins) do
    for i = coin, amount do
      ways[i] = ways[i] + ways[i - coin]
    end
  end
  return ways[amount]
end

local coins = {1, 2, 5, 10, 20, 50, 100, 200}
for i = 1, size do
  local a, b = text(60), text(50)
  local n = edits(a, b)
  assert(n >= 10 and n <= 60 and n == edits(b, a) and edits(a, a) == 0, "distance")
  local part = common(a, b)
  assert(is_part(part, a) and is_part(part, b), "common part")
  -- Leaving out and putting in is one way to edit.
  assert(n <= #a + #b - 2 * #part, "length")

  local items, value = {}, 0
  for k = 1, 20 do
    items[k] = {weight = random(30), value = k}
    value = value + k
  end
  assert(knapsack(items, 600) == value and knapsack(items, 100) <= value, "knapsack")
  assert(ways_to_pay(200, coins) == 73682, "coins")
  assert(ways_to_pay(i, coins) >= i / 2, "coins")
end
