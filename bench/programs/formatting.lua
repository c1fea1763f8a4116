-- Numbers and texts in columns: string.format, tostring and tonumber, there and back.
--
-- group: strings
-- small: 1000

local size = tonumber((...)) or 45000
local format = string.format

local seed = 31
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n
end

local function row(name, amount, price)
  return format("|%-12s|%6d|%10.2f|%12.2f|", name, amount, price, amount * price)
end

-- 1234567.5 as 1,234,567.50
local function with_separators(number)
  local sign, whole, rest = format("%.2f", number):match("^(-?)(%d+)(%.%d+)$")
  local separated = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. separated .. rest
end

local function roman(n)
  local values = {1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1}
  local numerals = {"M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"}
  local text = ""
  for i, value in ipairs(values) do
    while n >= value do
      text = text .. numerals[i]
      n = n - value
    end
  end
  return text
end

local roman_digits = {I = 1, V = 5, X = 10, L = 50, C = 100, D = 500, M = 1000}

local function from_roman(text)
  local total, previous = 0, 0
  for i = #text, 1, -1 do
    local value = roman_digits[text:sub(i, i)]
    total = total + (value < previous and -value or value)
    previous = value
  end
  return total
end

local function clock(seconds)
  local minutes = math.floor(seconds / 60)
  return format("%02d:%02d:%02d", math.floor(minutes / 60), minutes % 60, seconds % 60)
end

local function seconds_of(text)
  local h, m, s = text:match("(%d+):(%d+):(%d+)")
  return tonumber(h) * 3600 + tonumber(m) * 60 + tonumber(s)
end

local function serialize(value)
  if type(value) == "table" then
    local parts = {}
    for i, element in ipairs(value) do
      parts[i] = serialize(element)
    end
    return "{" .. table.concat(parts, ", ") .. "}"
  elseif type(value) == "string" then
    return format("%q", value)
  end
  return tostring(value)
end

local length, sum = 0, 0
local names = {"bread", "cheese", "apple", "coffee beans", "tea"}
for i = 1, size do
  local amount, price = random(1000), random(100000) / 100
  local line = row(names[i % 5 + 1], amount, price)
  local name, read_amount, read_price = line:match("^|(.-)%s*|%s*(%d+)|%s*([%d.]+)|")
  assert(name == names[i % 5 + 1] and tonumber(read_amount) == amount, "row")
  assert(math.abs(tonumber(read_price) - price) < 1e-9 and #line == 45, "price")
  sum = sum + tonumber(line:match("([%d.]+)|$"))

  assert(from_roman(roman(i % 3999 + 1)) == i % 3999 + 1, "roman")
  assert(seconds_of(clock(i % 86400)) == i % 86400, "clock")

  local text = tostring(i) .. tostring(i * 0.5 + 0.25) .. tostring(i % 2 == 0)
  length = length + #text
  assert(tonumber(tostring(i * 0.5 + 0.25)) == i * 0.5 + 0.25, "number")
  assert(tonumber(format("%x", i), 16) == i and tonumber(format("0x%X", i)) == i, "hexadecimal")
  local exact = i / 7
  assert(tonumber(format("%.17g", exact)) == exact, "digits")
  assert(math.abs(tonumber(format("%.3e", exact)) - exact) <= exact * 1e-3, "exponent")
end

assert(with_separators(1234567.5) == "1,234,567.50" and with_separators(-999) == "-999.00", "commas")
local list = {1, "two\n\"three\"", {true, false, {}}, "four"}
local read = (loadstring or load)("return " .. serialize(list))()
assert(serialize(read) == serialize(list) and read[2] == list[2], "serialize")
for i = 1, size / 10 do
  local n = i * 1234.5
  assert(tonumber((with_separators(n):gsub(",", ""))) == n, "separators")
end
if size == 45000 then
  assert(length == 754178 and format("%.2f", sum) == "11289223233.65", "sums")
end
