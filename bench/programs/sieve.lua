-- Sieves: of booleans, of the odd numbers alone, block by block, and of smallest factors.
--
-- group: arrays
-- small: 30000

local size = tonumber((...)) or 3000000
local floor = math.floor

local function count_all(limit)
  local is_composite = {}
  for i = 1, limit do
    is_composite[i] = false
  end
  local count = 0
  for i = 2, limit do
    if not is_composite[i] then
      count = count + 1
      for multiple = i * i, limit, i do
        is_composite[multiple] = true
      end
    end
  end
  return count
end

-- Element i stands for 2 i + 1.
local function odd_primes(limit)
  local half = floor((limit - 1) / 2)
  local prime = {}
  for i = 1, half do
    prime[i] = true
  end
  local i = 1
  while (2 * i + 1) * (2 * i + 1) <= limit do
    if prime[i] then
      local p = 2 * i + 1
      local j = floor((p * p - 1) / 2)
      while j <= half do
        prime[j] = false
        j = j + p
      end
    end
    i = i + 1
  end
  local list = {2}
  for k = 1, half do
    if prime[k] then
      list[#list + 1] = 2 * k + 1
    end
  end
  return list
end

-- Block by block, with one array that is used again.
local function count_in_blocks(limit, primes, block_size)
  local block = {}
  local count = 0
  for first = 2, limit, block_size do
    local last = math.min(first + block_size - 1, limit)
    for i = 0, block_size do
      block[i] = 1
    end
    for k = 1, #primes do
      local p = primes[k]
      if p * p > last then
        break
      end
      local start = math.max(p * p, first + (p - first % p) % p)
      for multiple = start, last, p do
        block[multiple - first] = 0
      end
    end
    for i = 0, last - first do
      count = count + block[i]
    end
  end
  return count
end

-- The sum of the smallest prime factors.
local function sum_of_smallest_factors(limit, primes)
  local smallest = {}
  for i = 1, limit do
    smallest[i] = i
  end
  for k = #primes, 1, -1 do
    local p = primes[k]
    for multiple = p, limit, p do
      smallest[multiple] = p
    end
  end
  local sum = 0
  for i = 2, limit do
    sum = sum + smallest[i]
  end
  return sum
end

local count = count_all(size)
local primes = odd_primes(size)
assert(#primes == count, "odd numbers")
assert(count_in_blocks(size, primes, 4096) == count, "blocks")
local sum = sum_of_smallest_factors(size, primes)
local trivial = 0
for _, p in ipairs(primes) do
  trivial = trivial + p
end
assert(sum > trivial, "factors")
if size == 3000000 then
  assert(count == 216816 and sum == 312548434439, "sums")
end
