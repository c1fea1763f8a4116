-- The fast Fourier transform on two arrays of floats: there and back, a product of polynomials,
-- and the tones in a signal.
--
-- group: arrays
-- small: 1

local size = tonumber((...)) or 60
local unpack = table.unpack or unpack
local floor, cos, sin, pi = math.floor, math.cos, math.sin, math.pi

-- Puts element i where the bits of i reversed say. Indices are from 0.
local function reverse_bits(re, im, n)
  local j = 0
  for i = 0, n - 2 do
    if i < j then
      re[i], re[j] = re[j], re[i]
      im[i], im[j] = im[j], im[i]
    end
    local bit = n / 2
    while bit >= 1 and j >= bit do
      j = j - bit
      bit = bit / 2
    end
    j = floor(j + bit)
  end
end

-- In place; direction is 1 or, for the inverse without its factor, -1.
local function transform(re, im, n, direction)
  reverse_bits(re, im, n)
  local half = 1
  while half < n do
    local step = 2 * half
    for k = 0, half - 1 do
      local angle = -direction * pi * k / half
      local wr, wi = cos(angle), sin(angle)
      for i = k, n - 1, step do
        local j = i + half
        local tr = wr * re[j] - wi * im[j]
        local ti = wr * im[j] + wi * re[j]
        re[j], im[j] = re[i] - tr, im[i] - ti
        re[i], im[i] = re[i] + tr, im[i] + ti
      end
    end
    half = step
  end
end

local function inverse(re, im, n)
  transform(re, im, n, -1)
  for i = 0, n - 1 do
    re[i], im[i] = re[i] / n, im[i] / n
  end
end

local function zeros(n)
  local list = {}
  for i = 0, n - 1 do
    list[i] = 0.0
  end
  return list
end

local function round_trip(n, seed)
  local re, im, original = zeros(n), zeros(n), {}
  for i = 0, n - 1 do
    seed = seed * 16807 % 2147483647
    re[i] = seed / 2147483647
    original[i] = re[i]
  end
  transform(re, im, n, 1)
  inverse(re, im, n)
  for i = 0, n - 1 do
    assert(math.abs(re[i] - original[i]) < 1e-10 and math.abs(im[i]) < 1e-10, "there and back")
  end
end

-- (1 + x + ... + x^(n-1)) squared has the coefficients 1, 2, ..., n, ..., 2, 1.
local function square_polynomial(n)
  local re, im = zeros(2 * n), zeros(2 * n)
  for i = 0, n - 1 do
    re[i] = 1.0
  end
  transform(re, im, 2 * n, 1)
  for i = 0, 2 * n - 1 do
    re[i], im[i] = re[i] * re[i] - im[i] * im[i], 2 * re[i] * im[i]
  end
  inverse(re, im, 2 * n)
  for i = 0, 2 * n - 2 do
    assert(floor(re[i] + 0.5) == math.min(i + 1, 2 * n - 1 - i), "coefficient")
  end
end

-- A signal of two tones has its two peaks where the tones are.
local function loudest(n, first, second)
  local re, im = zeros(n), zeros(n)
  for i = 0, n - 1 do
    re[i] = sin(2 * pi * first * i / n) + 0.5 * sin(2 * pi * second * i / n)
  end
  transform(re, im, n, 1)
  local peaks = {}
  for i = 0, n / 2 - 1 do
    if re[i] * re[i] + im[i] * im[i] > n * n / 64 then
      peaks[#peaks + 1] = i
    end
  end
  return unpack(peaks)
end

for i = 1, size do
  round_trip(4096, i)
  square_polynomial(2048)
  local first, second, third = loudest(4096, 10 + i, 300 + i)
  assert(first == 10 + i and second == 300 + i and third == nil, "tones")
end
