-- Hash functions and random numbers on 64-bit integers: SipHash, a multiplicative hash, xorshift
-- generators, products of 128 bits, and a filter that is built on them.
--
-- group: programs
-- small: 400
-- needs: 5.3 (64-bit integers)

local size = tonumber((...)) or 24000
local unpack_word, byte = string.unpack, string.byte

local function rotate(x, n)
  return x << n | x >> (64 - n)
end

-- Aumasson and Bernstein's SipHash-2-4.
local function siphash(k0, k1, text)
  local v0, v1 = k0 ~ 0x736f6d6570736575, k1 ~ 0x646f72616e646f6d
  local v2, v3 = k0 ~ 0x6c7967656e657261, k1 ~ 0x7465646279746573

  local function rounds(n)
    for _ = 1, n do
      v0, v2 = v0 + v1, v2 + v3
      v1, v3 = rotate(v1, 13) ~ v0, rotate(v3, 16) ~ v2
      v0 = rotate(v0, 32)
      v0, v2 = v0 + v3, v2 + v1
      v3, v1 = rotate(v3, 21) ~ v0, rotate(v1, 17) ~ v2
      v2 = rotate(v2, 32)
    end
  end

  local length = #text
  local whole = length - length % 8
  for position = 1, whole, 8 do
    local m = unpack_word("<i8", text, position)
    v3 = v3 ~ m
    rounds(2)
    v0 = v0 ~ m
  end
  local last = length << 56
  for i = whole + 1, length do
    last = last | byte(text, i) << 8 * (i - whole - 1)
  end
  v3 = v3 ~ last
  rounds(2)
  v0 = v0 ~ last
  v2 = v2 ~ 0xff
  rounds(4)
  return v0 ~ v1 ~ v2 ~ v3
end

local function fnv1a(text)
  local hash = 0xcbf29ce484222325
  for i = 1, #text do
    hash = (hash ~ byte(text, i)) * 0x100000001b3
  end
  return hash
end

-- Mixes the bits of a counter: each bit of the argument changes about half of the result's.
local function mix(x)
  x = (x ~ x >> 30) * 0xbf58476d1ce4e5b9
  x = (x ~ x >> 27) * 0x94d049bb133111eb
  return x ~ x >> 31
end

local function xorshift(x)
  x = x ~ x << 13
  x = x ~ x >> 7
  return x ~ x << 17
end

-- What undoes it: each step once more for as long as bits are left.
local function xorshift_back(x)
  for _, step in ipairs({17, -7, 13}) do
    local original = x
    for _ = 1, 9 do
      original = step > 0 and x ~ original << step or x ~ original >> -step
    end
    x = original
  end
  return x
end

-- The upper and lower half of a product, from products of 32 bits.
local function multiply(a, b)
  local a1, a0 = a >> 32, a & 0xffffffff
  local b1, b0 = b >> 32, b & 0xffffffff
  local low = a0 * b0
  local middle = a1 * b0 + (low >> 32)
  local other = a0 * b1 + (middle & 0xffffffff)
  return a1 * b1 + (middle >> 32) + (other >> 32), a * b
end

local function bit_count(x)
  local count = 0
  while x ~= 0 do
    x = x & x - 1
    count = count + 1
  end
  return count
end

-- A set that may be wrong when it says yes, in words of 64 bits.
local Filter = {}
Filter.__index = Filter

function Filter.new(words)
  local self = setmetatable({words = words}, Filter)
  for i = 1, words do
    self[i] = 0
  end
  return self
end

function Filter:positions(text)
  local hash = siphash(1, 2, text)
  local n = self.words << 6
  return (hash >> 1) % n, (mix(hash) >> 1) % n, (mix(hash + 1) >> 1) % n
end

function Filter:add(text)
  for _, position in ipairs({self:positions(text)}) do
    local word = (position >> 6) + 1
    self[word] = self[word] | 1 << (position & 63)
  end
end

function Filter:has(text)
  for _, position in ipairs({self:positions(text)}) do
    if self[(position >> 6) + 1] & 1 << (position & 63) == 0 then
      return false
    end
  end
  return true
end

local key0, key1 = unpack_word("<i8i8", "\0\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15")
assert(siphash(key0, key1, "\0\1\2\3\4\5\6\7\8\9\10\11\12\13\14") == 0xa129ca6149be45e5, "siphash")
assert(fnv1a("foobar") == 0x85944171f73967e8, "fnv")

local state, flips, wrong = 88172645463325252, 0, 0
local filter = Filter.new(size // 4 + 1)
for i = 1, size do
  local text = "key number " .. i
  filter:add(text)
  assert(filter:has(text), "filter")
  if filter:has("no " .. text) then
    wrong = wrong + 1
  end

  for _ = 1, 100 do
    local next_state = xorshift(state)
    assert(next_state ~= 0 and next_state ~= state, "generator")
    state = next_state
  end
  assert(xorshift_back(xorshift(state)) == state, "back")

  local x = mix(i)
  flips = flips + bit_count(x ~ mix(i ~ 1 << (i & 63)))
  local high, low = multiply(state, x)
  local high2, low2 = multiply(x, state)
  assert(high == high2 and low == low2 and low == state * x, "product")
  -- (2^64 - 1)^2 is 2^128 - 2^65 + 1.
  high, low = multiply(-1, -1)
  assert(high == -2 and low == 1, "product")
end
assert(wrong <= size / 5, "wrong answers")
assert(flips > 28 * size and flips < 36 * size, "flips")
if size == 24000 then
  assert(state == 7707514750557502553, "state")
end
