-- SHA-256 (FIPS 180-4), HMAC with it (RFC 2104), CRC-32 (ISO 3309). Digests are hexadecimal.

-- What a block is mixed with: the fractions of the cube roots of the first 64 primes.
local kRounds <const> = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
local kWord <const> = 0xffffffff

local function rotate(word, bits)
  return (word >> bits | word << (32 - bits)) & kWord
end

-- Mixes the 64 bytes of `text` from `at` on into the eight words of `state`.
local function mix(state, text, at, words)
  for i = 1, 16 do
    local a, b, c, d = string.byte(text, at + i * 4 - 4, at + i * 4 - 1)
    words[i] = a << 24 | b << 16 | c << 8 | d
  end
  for i = 17, 64 do
    local x = words[i - 15]
    local y = words[i - 2]
    words[i] = (words[i - 16] + words[i - 7] + (rotate(x, 7) ~ rotate(x, 18) ~ x >> 3) +
                (rotate(y, 17) ~ rotate(y, 19) ~ y >> 10)) & kWord
  end
  local a, b, c, d = state[1], state[2], state[3], state[4]
  local e, f, g, h = state[5], state[6], state[7], state[8]
  for i = 1, 64 do
    local first = h + (rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)) + (e & f ~ ~e & g) +
                  kRounds[i] + words[i]
    local second = (rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)) + (a & b ~ a & c ~ b & c)
    h = g
    g = f
    f = e
    e = (d + first) & kWord
    d = c
    c = b
    b = a
    a = (first + second) & kWord
  end
  state[1] = (state[1] + a) & kWord
  state[2] = (state[2] + b) & kWord
  state[3] = (state[3] + c) & kWord
  state[4] = (state[4] + d) & kWord
  state[5] = (state[5] + e) & kWord
  state[6] = (state[6] + f) & kWord
  state[7] = (state[7] + g) & kWord
  state[8] = (state[8] + h) & kWord
end

-- The eight words of the digest of two texts, one behind the other.
local function digest_of(before, text)
  local state = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  }
  local words = {}
  for at = 1, #before, 64 do mix(state, before, at, words) end
  local size = #text
  local whole = size - size % 64
  for at = 1, whole, 64 do mix(state, text, at, words) end
  local last = string.sub(text, whole + 1) .. "\x80"
  last = last .. string.rep("\0", (56 - #last) % 64) .. string.pack(">I8", (#before + size) * 8)
  for at = 1, #last, 64 do mix(state, last, at, words) end
  return state
end

local function hexadecimal(state)
  return string.format("%08x%08x%08x%08x%08x%08x%08x%08x", table.unpack(state, 1, 8))
end

local function bytes_of(state)
  return string.pack(">I4I4I4I4I4I4I4I4", table.unpack(state, 1, 8))
end

local function padded_key(key, pad)
  local bytes = {}
  for i = 1, 64 do bytes[i] = string.char((string.byte(key, i) or 0) ~ pad) end
  return table.concat(bytes, "", 1, 64)
end

local function hmac(key, text)
  key = intrinsic.check_string(key, 1)
  text = intrinsic.check_string(text, 2)
  if #key > 64 then key = bytes_of(digest_of("", key)) end
  local inner = bytes_of(digest_of(padded_key(key, 0x36), text))
  return hexadecimal(digest_of(padded_key(key, 0x5c), inner))
end

local function crc32(text, from)
  text = intrinsic.check_string(text, 1)
  local crc = ~intrinsic.opt_integer(from, 2, 0) & kWord
  for at = 1, #text do
    crc = crc ~ string.byte(text, at)
    for _ = 1, 8 do crc = crc >> 1 ~ (0xedb88320 & -(crc & 1)) end
  end
  return ~crc & kWord
end

return {
  ["hash.sha256"] = function(text)
    return hexadecimal(digest_of("", intrinsic.check_string(text, 1)))
  end,
  ["hash.hmac_sha256"] = hmac,
  ["hash.crc32"] = crc32,
}
