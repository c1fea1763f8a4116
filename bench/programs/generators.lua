-- Coroutines as iterators: chains of them, walks over trees, permutations, and searches that give
-- one answer at a time.
--
-- group: coroutines
-- small: 4

local size = tonumber((...)) or 180
local wrap, yield = coroutine.wrap, coroutine.yield

local function range(first, last)
  return wrap(function()
    for i = first, last do
      yield(i)
    end
  end)
end

local function filter(accepts, source)
  return wrap(function()
    for x in source do
      if accepts(x) then
        yield(x)
      end
    end
  end)
end

local function map(f, source)
  return wrap(function()
    for x in source do
      yield(f(x))
    end
  end)
end

local function take(n, source)
  return wrap(function()
    for _ = 1, n do
      local x = source()
      if x == nil then
        return
      end
      yield(x)
    end
  end)
end

local function both(a, b)
  return wrap(function()
    while true do
      local x, y = a(), b()
      if x == nil or y == nil then
        return
      end
      yield(x, y)
    end
  end)
end

-- A filter is added for each prime that gets through all others.
local function primes()
  return wrap(function()
    local source = range(2, math.huge)
    while true do
      local prime = source()
      yield(prime)
      source = filter(function(x)
        return x % prime ~= 0
      end, source)
    end
  end)
end

local function insert(tree, key)
  if not tree then
    return {key = key}
  elseif key < tree.key then
    tree.left = insert(tree.left, key)
  else
    tree.right = insert(tree.right, key)
  end
  return tree
end

-- One coroutine for the whole tree, recursive inside.
local function walk(tree)
  local function visit(node)
    if node then
      visit(node.left)
      yield(node.key)
      visit(node.right)
    end
  end
  return wrap(function()
    visit(tree)
  end)
end

-- A coroutine for each node: keys go up through all levels.
local function climb(tree)
  return wrap(function()
    if tree then
      for key in climb(tree.left) do
        yield(key)
      end
      yield(tree.key)
      for key in climb(tree.right) do
        yield(key)
      end
    end
  end)
end

local function permutations(list)
  local function arrange(n)
    if n <= 1 then
      yield(list)
    else
      for i = 1, n do
        list[n], list[i] = list[i], list[n]
        arrange(n - 1)
        list[n], list[i] = list[i], list[n]
      end
    end
  end
  return wrap(function()
    arrange(#list)
  end)
end

-- Equal leaves in equal order, whatever the shapes of both trees.
local function same_fringe(a, b)
  local left, right = walk(a), walk(b)
  while true do
    local x, y = left(), right()
    if x ~= y then
      return false
    elseif x == nil then
      return true
    end
  end
end

-- Changes for an amount, as lists of coins.
local function payments(amount, coins)
  local chosen = {}
  local function pay(rest, i)
    if rest == 0 then
      yield(chosen)
    elseif coins[i] then
      if coins[i] <= rest then
        chosen[#chosen + 1] = coins[i]
        pay(rest - coins[i], i)
        chosen[#chosen] = nil
      end
      pay(rest, i + 1)
    end
  end
  return coroutine.create(function()
    pay(amount, 1)
  end)
end

for round = 1, size do
  local sum = 0
  local odd = filter(function(x) return x % 2 == 1 end, range(1, 2000))
  for square in map(function(x) return x * x end, odd) do
    sum = sum + square
  end
  -- 1 + 9 + ... + 1999^2 is n (2 n - 1) (2 n + 1) / 3.
  assert(sum == 1000 * 1999 * 2001 / 3, "chain")

  local last
  for prime in take(60, primes()) do
    last = prime
  end
  assert(last == 281, "primes")

  local product = 0
  for x, y in both(range(1, 1000), range(2, 3000)) do
    product = product + x * y
  end
  assert(product == 1000 * 1001 * 2001 / 6 + 500 * 1001, "pairs")

  local tree, other
  for i = 1, 300 do
    tree = insert(tree, i * 89 % 307)
    other = insert(other, (301 - i) * 89 % 307)
  end
  local count, previous = 0, -1
  for key in climb(tree) do
    assert(key > previous, "order")
    count, previous = count + 1, key
  end
  assert(count == 300 and same_fringe(tree, other), "trees")
  assert(not same_fringe(tree, insert(other, round + 400)), "trees")

  local arrangements, first = 0, 0
  for list in permutations({1, 2, 3, 4, 5, 6}) do
    arrangements = arrangements + 1
    first = first + list[1]
  end
  assert(arrangements == 720 and first == 720 * 3.5, "permutations")

  local ways, search = 0, payments(30, {20, 10, 5, 2, 1})
  while true do
    local ok, coins = coroutine.resume(search)
    assert(ok, "resume")
    if not coins then
      break
    end
    local total = 0
    for _, coin in ipairs(coins) do
      total = total + coin
    end
    assert(total == 30, "payment")
    ways = ways + 1
  end
  assert(ways == 109 and coroutine.status(search) == "dead", "payments")
end
