-- Loops over whole numbers: remainders, powers, primality, digits, sequences. Every product stays
-- below 2^53, so the numbers may be floats as well.
--
-- group: numeric
-- small: 2000

local size = tonumber((...)) or 80000
local floor = math.floor

local function gcd(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

local function power_modulo(base, exponent, modulus)
  local result = 1
  base = base % modulus
  while exponent > 0 do
    if exponent % 2 == 1 then
      result = result * base % modulus
    end
    base = base * base % modulus
    exponent = floor(exponent / 2)
  end
  return result
end

-- Miller and Rabin's test; these bases leave no doubt below 1,373,653.
local function is_prime(n)
  if n < 2 or n % 2 == 0 then
    return n == 2
  elseif n == 3 then
    return true
  end
  local odd, twos = n - 1, 0
  while odd % 2 == 0 do
    odd = floor(odd / 2)
    twos = twos + 1
  end
  for base = 2, 3 do
    local x = power_modulo(base, odd, n)
    if x ~= 1 and x ~= n - 1 then
      local is_composite = true
      for _ = 2, twos do
        x = x * x % n
        if x == n - 1 then
          is_composite = false
          break
        end
      end
      if is_composite then
        return false
      end
    end
  end
  return true
end

local function is_prime_by_division(n)
  if n < 2 then
    return false
  end
  for divisor = 2, floor(n ^ 0.5) do
    if n % divisor == 0 then
      return false
    end
  end
  return true
end

local function collatz_steps(n)
  local steps = 0
  while n ~= 1 do
    if n % 2 == 0 then
      n = floor(n / 2)
    else
      n = 3 * n + 1
    end
    steps = steps + 1
  end
  return steps
end

local function digit_sum(n)
  local sum = 0
  while n > 0 do
    sum = sum + n % 10
    n = floor(n / 10)
  end
  return sum
end

-- Numbers whose proper divisors add up to them.
local function is_perfect(n)
  local sum = 1
  for divisor = 2, n - 1 do
    if divisor * divisor > n then
      break
    end
    if n % divisor == 0 then
      sum = sum + divisor
      if divisor * divisor ~= n then
        sum = sum + n / divisor
      end
    end
  end
  return n > 1 and sum == n
end

local primes, perfect, steps, coprime = 0, {}, 0, 0
for n = 1, size do
  local prime = is_prime(n)
  assert(prime == is_prime_by_division(n), "prime")
  if prime then
    primes = primes + 1
    -- Fermat: the order of every number divides n - 1.
    assert(power_modulo(n - 1, n - 1, n) == (n == 1 and 0 or 1), "Fermat")
  end
  if is_perfect(n) then
    perfect[#perfect + 1] = n
  end
  assert(digit_sum(n) % 9 == n % 9, "digits")
  steps = steps + collatz_steps(n)
  for m = 1, 8 do
    if gcd(n, n + m) == 1 then
      coprime = coprime + 1
    end
  end
end

assert(perfect[1] == 6 and perfect[2] == 28, "perfect numbers")
if size == 80000 then
  assert(primes == 7837 and #perfect == 4, "counts")
  assert(steps == 8419731 and coprime == 412573, "counts")
end
