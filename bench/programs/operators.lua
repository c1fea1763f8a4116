-- Values with operators: fractions, complex numbers, vectors, sets, and tables that compute their
-- fields.
--
-- group: methods
-- small: 200

local size = tonumber((...)) or 25000

local function gcd(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

local Fraction = {}
Fraction.__index = Fraction

local function fraction(numerator, denominator)
  local divisor = gcd(numerator, denominator)
  return setmetatable({
    numerator = math.floor(numerator / divisor),
    denominator = math.floor(denominator / divisor),
  }, Fraction)
end

function Fraction.__add(a, b)
  return fraction(a.numerator * b.denominator + b.numerator * a.denominator,
                  a.denominator * b.denominator)
end

function Fraction.__sub(a, b)
  return fraction(a.numerator * b.denominator - b.numerator * a.denominator,
                  a.denominator * b.denominator)
end

function Fraction.__mul(a, b)
  return fraction(a.numerator * b.numerator, a.denominator * b.denominator)
end

function Fraction.__div(a, b)
  return fraction(a.numerator * b.denominator, a.denominator * b.numerator)
end

function Fraction.__unm(a)
  return fraction(-a.numerator, a.denominator)
end

function Fraction.__eq(a, b)
  return a.numerator == b.numerator and a.denominator == b.denominator
end

function Fraction.__lt(a, b)
  return a.numerator * b.denominator < b.numerator * a.denominator
end

function Fraction.__le(a, b)
  return not (b < a)
end

function Fraction.__tostring(a)
  return string.format("%d/%d", a.numerator, a.denominator)
end

-- 1/2 + 1/6 + 1/12 + ... + 1/(n (n + 1)) is n/(n + 1).
local function telescope(n)
  local sum = fraction(0, 1)
  for i = 1, n do
    sum = sum + fraction(1, i) * fraction(1, i + 1)
  end
  return sum
end

local Complex = {}

local function complex(re, im)
  return setmetatable({re = re, im = im}, Complex)
end

-- Operands may be plain numbers.
local function parts(z)
  if type(z) == "number" then
    return z, 0
  end
  return z.re, z.im
end

function Complex.__add(a, b)
  local ar, ai = parts(a)
  local br, bi = parts(b)
  return complex(ar + br, ai + bi)
end

function Complex.__mul(a, b)
  local ar, ai = parts(a)
  local br, bi = parts(b)
  return complex(ar * br - ai * bi, ar * bi + ai * br)
end

function Complex.__eq(a, b)
  return a.re == b.re and a.im == b.im
end

-- Horner's scheme.
local function polynomial(coefficients, z)
  local value = complex(0, 0)
  for i = #coefficients, 1, -1 do
    value = value * z + coefficients[i]
  end
  return value
end

-- A vector finds its components by letter, and is called to be scaled.
local letters = {x = 1, y = 2, z = 3}
local Vector = {}

function Vector.__index(v, letter)
  return rawget(v, letters[letter])
end

function Vector.__newindex(v, letter, value)
  rawset(v, letters[letter], value)
end

function Vector.__call(v, factor)
  return setmetatable({v[1] * factor, v[2] * factor, v[3] * factor}, Vector)
end

function Vector.__concat(a, b)
  return a.x * b.x + a.y * b.y + a.z * b.z
end

local function vectors()
  local v = setmetatable({1, 2, 3}, Vector)
  local w = v(2)
  w.y = v.x + v.z
  return v .. w
end

local Set = {}
Set.__index = Set

local function set(list)
  local members = {}
  for _, member in ipairs(list) do
    members[member] = true
  end
  return setmetatable({members = members}, Set)
end

function Set.__add(a, b)
  local union = set({})
  for member in pairs(a.members) do
    union.members[member] = true
  end
  for member in pairs(b.members) do
    union.members[member] = true
  end
  return union
end

function Set.__le(a, b)
  for member in pairs(a.members) do
    if not b.members[member] then
      return false
    end
  end
  return true
end

-- Fields that are computed when they are first asked for.
local function squares()
  return setmetatable({}, {
    __index = function(t, n)
      local square = n * n
      t[n] = square
      return square
    end,
  })
end

local i_plus_one = complex(1, 1)
local odd, even = set({1, 3, 5, 7}), set({2, 4, 6, 8})

for i = 1, size do
  local sum = telescope(12)
  assert(sum == fraction(12, 13) and sum < fraction(13, 14) and sum >= fraction(1, 2), "sum")
  assert(-(sum - fraction(1, 13)) / fraction(11, 1) == fraction(-1, 13), "quotient")
  -- (1 + i)^4 is -4.
  assert(polynomial({1, 0, 0, 0, 1}, i_plus_one) == complex(-3, 0), "polynomial")
  assert(vectors() == 1 * 2 + 2 * 4 + 3 * 6, "vectors")
  local all = odd + even
  assert(odd <= all and even <= all and not (all <= odd), "sets")
  local square = squares()
  assert(square[i] + square[i] == 2 * i * i, "squares")
end
assert(tostring(telescope(5)) == "5/6", "text")
