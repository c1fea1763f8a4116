-- base64 (RFC 4648), of bytes.

local kLetters <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local kUrlLetters <const> = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local function encode_with(text, letters, pads)
  local parts = {}
  local count = 0
  local size = #text
  for at = 1, size, 3 do
    local a, b, c = string.byte(text, at, at + 2)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    local i = bits >> 18
    local k = bits >> 12 & 63
    local part = string.sub(letters, i + 1, i + 1) .. string.sub(letters, k + 1, k + 1)
    if b then
      i = bits >> 6 & 63
      part = part .. string.sub(letters, i + 1, i + 1)
    elseif pads then
      part = part .. "="
    end
    if c then
      i = bits & 63
      part = part .. string.sub(letters, i + 1, i + 1)
    elseif pads then
      part = part .. "="
    end
    count = count + 1
    parts[count] = part
  end
  return table.concat(parts, "", 1, count)
end

-- The six bits of a letter of either alphabet; nil: it is none.
local function bits_of(byte)
  if byte >= 65 and byte <= 90 then return byte - 65 end
  if byte >= 97 and byte <= 122 then return byte - 71 end
  if byte >= 48 and byte <= 57 then return byte + 4 end
  if byte == 43 or byte == 45 then return 62 end
  if byte == 47 or byte == 95 then return 63 end
  return nil
end

local function decode(text)
  text = intrinsic.check_string(text, 1)
  local size = #text
  while size > 0 and size > #text - 2 and string.byte(text, size) == 61 do size = size - 1 end
  if size % 4 == 1 or (size < #text and #text % 4 ~= 0) then
    return nil, "not base64: a wrong length"
  end
  local parts = {}
  local count = 0
  local bits = 0
  local held = 0
  for at = 1, size do
    local value = bits_of(string.byte(text, at))
    if not value then return nil, "not base64: a wrong character at " .. at end
    bits = (bits << 6 | value) & 0xffffff
    held = held + 6
    if held >= 8 then
      held = held - 8
      count = count + 1
      parts[count] = string.char(bits >> held & 255)
    end
  end
  if bits & ((1 << held) - 1) ~= 0 then return nil, "not base64: bits behind the end" end
  return table.concat(parts, "", 1, count)
end

return {
  ["base64.encode"] = function(text)
    return encode_with(intrinsic.check_string(text, 1), kLetters, true)
  end,
  ["base64.encode_url"] = function(text)
    return encode_with(intrinsic.check_string(text, 1), kUrlLetters, false)
  end,
  ["base64.decode"] = decode,
}
