-- Hash functions on 32-bit words: SHA-256, CRC-32 by a table, and two short ones, over texts.
--
-- group: programs
-- small: 20
-- needs: 5.3 (operators on the bits of integers)

local size = tonumber((...)) or 2400
local unpack_words, byte = string.unpack, string.byte

-- The first 32 bits of the fraction of the root of n.
local function root_bits(n, exponent)
  local root = n ^ exponent
  return math.floor((root - math.floor(root)) * 4294967296)
end

local function first_primes(count)
  local primes, n = {}, 2
  while #primes < count do
    local is_prime = true
    for _, p in ipairs(primes) do
      if n % p == 0 then
        is_prime = false
        break
      end
    end
    if is_prime then
      primes[#primes + 1] = n
    end
    n = n + 1
  end
  return primes
end

local primes = first_primes(64)
local round_constants, start = {}, {}
for i, prime in ipairs(primes) do
  round_constants[i] = root_bits(prime, 1 / 3)
  if i <= 8 then
    start[i] = root_bits(prime, 1 / 2)
  end
end

local function rotate(x, n)
  return (x >> n | x << (32 - n)) & 0xffffffff
end

local function sha256(message)
  local length = #message
  message = message .. "\128" .. ("\0"):rep((55 - length) % 64) .. string.pack(">I8", 8 * length)
  assert(#message % 64 == 0)

  local h1, h2, h3, h4, h5, h6, h7, h8 = table.unpack(start)
  local w, k = {}, round_constants
  for position = 1, #message, 64 do
    for i = 1, 16 do
      w[i] = unpack_words(">I4", message, position + 4 * (i - 1))
    end
    for i = 17, 64 do
      local a, b = w[i - 15], w[i - 2]
      local s0 = rotate(a, 7) ~ rotate(a, 18) ~ (a >> 3)
      local s1 = rotate(b, 17) ~ rotate(b, 19) ~ (b >> 10)
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & 0xffffffff
    end
    local a, b, c, d, e, f, g, h = h1, h2, h3, h4, h5, h6, h7, h8
    for i = 1, 64 do
      local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
      local choice = (e & f) ~ (~e & g)
      local t1 = h + s1 + choice + k[i] + w[i]
      local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
      local majority = (a & b) ~ (a & c) ~ (b & c)
      h, g, f, e = g, f, e, (d + t1) & 0xffffffff
      d, c, b, a = c, b, a, (t1 + s0 + majority) & 0xffffffff
    end
    h1, h2 = (h1 + a) & 0xffffffff, (h2 + b) & 0xffffffff
    h3, h4 = (h3 + c) & 0xffffffff, (h4 + d) & 0xffffffff
    h5, h6 = (h5 + e) & 0xffffffff, (h6 + f) & 0xffffffff
    h7, h8 = (h7 + g) & 0xffffffff, (h8 + h) & 0xffffffff
  end
  return string.format("%08x%08x%08x%08x%08x%08x%08x%08x", h1, h2, h3, h4, h5, h6, h7, h8)
end

local crc_table = {}
for i = 0, 255 do
  local crc = i
  for _ = 1, 8 do
    crc = crc & 1 == 1 and crc >> 1 ~ 0xedb88320 or crc >> 1
  end
  crc_table[i] = crc
end

local function crc32(text)
  local crc = 0xffffffff
  for i = 1, #text do
    crc = crc >> 8 ~ crc_table[(crc ~ byte(text, i)) & 0xff]
  end
  return ~crc & 0xffffffff
end

-- Fowler, Noll and Vo's.
local function fnv1a(text)
  local hash = 0x811c9dc5
  for i = 1, #text do
    hash = (hash ~ byte(text, i)) * 0x01000193 & 0xffffffff
  end
  return hash
end

local function adler32(text)
  local a, b = 1, 0
  for i = 1, #text do
    a = (a + byte(text, i)) % 65521
    b = (b + a) % 65521
  end
  return b << 16 | a
end

assert(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty")
assert(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc")
assert(crc32("123456789") == 0xcbf43926, "check value")
assert(fnv1a("foobar") == 0xbf9cf968, "foobar")
assert(adler32("Wikipedia") == 0x11e60398, "Wikipedia")

local digests, count = {}, 0
for i = 1, size do
  local text = ("message " .. i .. " "):rep(20 + i % 10)
  local digest = sha256(text)
  assert(not digests[digest], "different texts")
  digests[digest] = true
  count = count + 1

  -- The checksum of a text and its own checksum, least byte first, is a constant.
  local crc = crc32(text)
  assert(crc32(text .. string.pack("<I4", crc)) == 0x2144df1c, "residue")
  assert(fnv1a(text) ~= fnv1a(text .. "x"), "fnv")
  assert(adler32(text) ~= adler32(text:reverse()) or text == text:reverse(), "adler")
end
assert(count == size)
