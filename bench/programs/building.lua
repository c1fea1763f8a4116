-- Building texts: piece by piece, from lists, letter by letter; encodings there and back.
--
-- group: strings
-- small: 70

local size = tonumber((...)) or 3500
local byte, char, sub, rep, concat = string.byte, string.char, string.sub, string.rep, table.concat

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local digit_of = {}
for i = 1, 64 do
  digit_of[byte(alphabet, i)] = i - 1
end

-- Three bytes are four digits of base 64.
local function encode(text)
  local digits = {}
  for i = 1, #text, 3 do
    local a, b, c = byte(text, i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    local d4 = n % 64
    n = (n - d4) / 64
    local d3 = n % 64
    n = (n - d3) / 64
    local d2 = n % 64
    local d1 = (n - d2) / 64
    digits[#digits + 1] = sub(alphabet, d1 + 1, d1 + 1) .. sub(alphabet, d2 + 1, d2 + 1)
      .. (b and sub(alphabet, d3 + 1, d3 + 1) or "=") .. (c and sub(alphabet, d4 + 1, d4 + 1) or "=")
  end
  return concat(digits)
end

local function decode(text)
  local pieces = {}
  for i = 1, #text, 4 do
    local d1, d2, d3, d4 = byte(text, i, i + 3)
    local n = digit_of[d1] * 262144 + digit_of[d2] * 4096
      + (digit_of[d3] or 0) * 64 + (digit_of[d4] or 0)
    local c = n % 256
    n = (n - c) / 256
    local b = n % 256
    local a = (n - b) / 256
    if not digit_of[d3] then
      pieces[#pieces + 1] = char(a)
    elseif not digit_of[d4] then
      pieces[#pieces + 1] = char(a, b)
    else
      pieces[#pieces + 1] = char(a, b, c)
    end
  end
  return concat(pieces)
end

-- Runs of a letter become their length and the letter.
local function shorten(text)
  local result, i = "", 1
  while i <= #text do
    local letter, n = sub(text, i, i), 1
    while sub(text, i + n, i + n) == letter do
      n = n + 1
    end
    result = result .. n .. letter
    i = i + n
  end
  return result
end

local function lengthen(text)
  local result = ""
  local n = 0
  for i = 1, #text do
    local c = byte(text, i)
    if c >= 48 and c <= 57 then
      n = n * 10 + c - 48
    else
      result = result .. rep(char(c), n)
      n = 0
    end
  end
  return result
end

local function shift(text, distance)
  local letters = {}
  for i = 1, #text do
    local c = byte(text, i)
    if c >= 97 and c <= 122 then
      c = (c - 97 + distance) % 26 + 97
    end
    letters[i] = char(c)
  end
  return concat(letters)
end

local function is_palindrome(text)
  return text == text:reverse()
end

-- Lines of at most `width` letters, filled with words.
local function fill(words, width)
  local lines, line = {}, ""
  for _, word in ipairs(words) do
    if line == "" then
      line = word
    elseif #line + 1 + #word <= width then
      line = line .. " " .. word
    else
      lines[#lines + 1] = line
      line = word
    end
  end
  lines[#lines + 1] = line
  return concat(lines, "\n")
end

local function binary(n)
  local digits = ""
  repeat
    digits = n % 2 .. digits
    n = math.floor(n / 2)
  until n == 0
  return digits
end

local function number_of(digits)
  local n = 0
  for i = 1, #digits do
    n = 2 * n + (sub(digits, i, i) == "0" and 0 or 1)
  end
  return n
end

local words = {}
for i = 1, 60 do
  words[i] = rep(char(97 + i % 26), i % 7 + 1)
end

for i = 1, size do
  local text = "The answer to question " .. i .. " is: " .. rep("x", i % 40) .. "."
  local coded = encode(rep(text, 8))
  assert(#coded % 4 == 0 and decode(coded) == rep(text, 8), "base 64")

  local runs = rep("a", i % 50 + 1) .. "b" .. rep("c", 12) .. rep("de", 20)
  assert(lengthen(shorten(runs)) == runs, "runs")

  local secret = shift(text, i % 26)
  assert(shift(secret, -i) == text and #secret == #text, "shift")
  assert(is_palindrome(text .. text:reverse()) and not is_palindrome(text), "palindrome")

  local paragraph = fill(words, 30 + i % 40)
  local letters = 0
  for line in paragraph:gmatch("[^\n]+") do
    assert(#line <= 30 + i % 40, "width")
    letters = letters + #line + 1
  end
  assert(letters == #concat(words, " ") + 1, "letters")

  assert(number_of(binary(i * 1000003)) == i * 1000003, "binary")
  assert(text:upper():lower() == text:lower(), "case")
end
