-- Checksums and random numbers by arithmetic alone, as Lua without operators on bits needs it.
-- Numbers stay below 2^53.
--
-- group: programs
-- small: 80

local size = tonumber((...)) or 7000
local byte, floor = string.byte, math.floor

-- a * b modulo 2^32, in halves of 16 bits.
local function multiply32(a, b)
  local low, high = b % 65536, floor(b / 65536)
  return (a * low + (a * high % 65536) * 65536) % 4294967296
end

local function djb(text)
  local hash = 5381
  for i = 1, #text do
    hash = (hash * 33 + byte(text, i)) % 4294967296
  end
  return hash
end

local function polynomial(text)
  local hash = 0
  for i = 1, #text do
    hash = (multiply32(hash, 2654435761) + byte(text, i)) % 4294967296
  end
  return hash
end

local function fletcher(text)
  local a, b = 0, 0
  for i = 1, #text do
    a = (a + byte(text, i)) % 255
    b = (b + a) % 255
  end
  return b * 256 + a
end

-- Exclusive or of bytes, from a table of half bytes.
local xor_half = {}
for a = 0, 15 do
  xor_half[a] = {}
  for b = 0, 15 do
    local result, bit = 0, 1
    local x, y = a, b
    while bit < 16 do
      if x % 2 ~= y % 2 then
        result = result + bit
      end
      x, y, bit = floor(x / 2), floor(y / 2), bit * 2
    end
    xor_half[a][b] = result
  end
end

local function xor_byte(a, b)
  local low = xor_half[a % 16][b % 16]
  return xor_half[floor(a / 16)][floor(b / 16)] * 16 + low
end

-- CRC-16 with the polynomial 0x1021, from the top.
local crc_high, crc_low = {}, {}
for i = 0, 255 do
  local high, low = i, 0
  for _ = 1, 8 do
    local is_set = high >= 128
    high = high % 128 * 2 + (low >= 128 and 1 or 0)
    low = low % 128 * 2
    if is_set then
      high, low = xor_byte(high, 0x10), xor_byte(low, 0x21)
    end
  end
  crc_high[i], crc_low[i] = high, low
end

local function crc16(text)
  local high, low = 255, 255
  for i = 1, #text do
    local index = xor_byte(high, byte(text, i))
    high, low = xor_byte(low, crc_high[index]), crc_low[index]
  end
  return high * 256 + low
end

-- The last digit of a card number, by doubling every other digit.
local function luhn(digits)
  local sum = 0
  for i = #digits, 1, -1 do
    local digit = byte(digits, i) - 48
    if (#digits - i) % 2 == 0 then
      digit = digit * 2
      if digit > 9 then
        digit = digit - 9
      end
    end
    sum = sum + digit
  end
  return (10 - sum % 10) % 10
end

-- Marsaglia's multiply with carry, two of them.
local z, w = 362436069, 521288629

local function random()
  z = 36969 * (z % 65536) + floor(z / 65536)
  w = 18000 * (w % 65536) + floor(w / 65536)
  return (z % 65536 * 65536 + w) % 4294967296
end

local function pi_by_chance(n)
  local inside = 0
  for _ = 1, n do
    local x, y = random() / 4294967296, random() / 4294967296
    if x * x + y * y < 1 then
      inside = inside + 1
    end
  end
  return 4 * inside / n
end

assert(djb("hello") == 261238937, "djb")
assert(fletcher("abcde") == 51440, "fletcher")
assert(crc16("123456789") == 0x29b1, "crc")
assert(luhn("7992739871") == 3, "luhn")
assert(multiply32(4294967295, 4294967295) == 1, "product")

local sum = 0
for i = 1, size do
  local text = ("line " .. i .. "; "):rep(8)
  local crc = crc16(text)
  local with_crc = text .. string.char(floor(crc / 256), crc % 256)
  assert(crc16(with_crc) == 0, "residue")
  assert(djb(text) ~= djb(text .. " ") and fletcher(text) < 65536, "texts")
  local number = string.format("%010d", i * 7919)
  local complete = number .. luhn(number)
  assert(luhn(complete:sub(1, -2)) == tonumber(complete:sub(-1)), "digit")
  sum = (sum + polynomial(text)) % 4294967296
  for _ = 1, 50 do
    sum = (sum + random()) % 4294967296
  end
end
local pi = pi_by_chance(size * 60)
assert(math.abs(pi - math.pi) < 4 / math.sqrt(size * 60), "pi")
if size == 7000 then
  assert(sum == 1502012771, "sum")
end
