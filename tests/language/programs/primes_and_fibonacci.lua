-- Sieve, greatest common divisors, memoised Fibonacci, Collatz lengths.
local function sieve(n)
  local composite, primes = {}, {}
  for i = 2, n do
    if not composite[i] then
      primes[#primes + 1] = i
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return primes
end
local primes = sieve(120)
print(#primes, primes[#primes], table.concat(primes, " ", 1, 10))
-- expect: 30 113 2 3 5 7 11 13 17 19 23 29
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
print(gcd(1071, 462), gcd(17, 5), gcd(0, 9), gcd(2^40 // 1 | 0, 3 * 2^20 // 1 | 0))
-- expect: 21 1 9 1048576
local memo = setmetatable({[0] = 0, 1}, {__index = function(t, n)
  local v = t[n - 1] + t[n - 2]
  t[n] = v
  return v
end})
print(memo[30], memo[60], memo[90]) -- expect: 832040 1548008755920 2880067194370816120
local longest, start = 0, 0
for n = 1, 40 do
  local length, x = 1, n
  while x ~= 1 do
    x = x % 2 == 0 and x // 2 or 3 * x + 1
    length = length + 1
  end
  if length > longest then longest, start = length, n end
end
print(start, longest) -- expect: 27 112
local function factor(n)
  local out = {}
  local d = 2
  while n > 1 do
    while n % d == 0 do out[#out + 1] = d n = n // d end
    d = d + 1
    if d * d > n and n > 1 then out[#out + 1] = n break end
  end
  return table.concat(out, "*")
end
print(factor(360), factor(97), factor(1001), factor(2^20 // 1 | 0))
-- expect: 2*2*2*3*3*5 97 7*11*13 2*2*2*2*2*2*2*2*2*2*2*2*2*2*2*2*2*2*2*2
