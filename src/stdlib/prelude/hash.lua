-- SHA-256 (FIPS 180-4), HMAC with it (RFC 2104), CRC-32 (ISO 3309). Digests are hexadecimal.

local kWord <const> = 0xffffffff

-- Mixes the blocks of text[1 .. last] into `state`.
local function mix(state, text, last)
  local at = 1
  while at < last do
    state, at = intrinsic.sha256_mix(state, text, at, last)
  end
  return state
end

-- The 32 bytes of the digest of two texts, one behind the other; the first is whole blocks.
local function digest_of(before, text)
  local size = #text
  local whole = size - size % 64
  local state = mix(mix("", before, #before), text, whole)
  local last = string.sub(text, whole + 1) .. "\x80"
  last = last .. string.rep("\0", (56 - #last) % 64) .. string.pack(">I8", (#before + size) * 8)
  return mix(state, last, #last)
end

local function hexadecimal(state)
  return string.format("%08x%08x%08x%08x%08x%08x%08x%08x",
                       string.unpack(">I4I4I4I4I4I4I4I4", state))
end

local function padded_key(key, pad)
  local bytes = {}
  for i = 1, 64 do bytes[i] = string.char((string.byte(key, i) or 0) ~ pad) end
  return table.concat(bytes, "", 1, 64)
end

local function hmac(key, text)
  key = intrinsic.check_string(key, 1)
  text = intrinsic.check_string(text, 2)
  if #key > 64 then key = digest_of("", key) end
  local inner = digest_of(padded_key(key, 0x36), text)
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
