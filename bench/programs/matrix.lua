-- Matrices as arrays of rows: products, elimination with pivots, inverses, and rows of whole
-- numbers.
--
-- group: arrays
-- small: 16

local size = tonumber((...)) or 170

local seed = 20
local function random()
  seed = seed * 16807 % 2147483647
  return seed
end

local function matrix(n, m, element)
  local rows = {}
  for i = 1, n do
    local row = {}
    for j = 1, m do
      row[j] = element(i, j)
    end
    rows[i] = row
  end
  return rows
end

local function multiply(a, b)
  local n, m, inner = #a, #b[1], #b
  local c = {}
  for i = 1, n do
    local row, left = {}, a[i]
    for j = 1, m do
      local sum = 0
      for k = 1, inner do
        sum = sum + left[k] * b[k][j]
      end
      row[j] = sum
    end
    c[i] = row
  end
  return c
end

local function transpose(a)
  return matrix(#a[1], #a, function(i, j)
    return a[j][i]
  end)
end

local function copy(a)
  return matrix(#a, #a[1], function(i, j)
    return a[i][j]
  end)
end

-- Gauss and Jordan: a becomes the identity, b what a b' = b asks for. Gives the determinant.
local function solve(a, b)
  local n = #a
  local determinant = 1.0
  for column = 1, n do
    local pivot = column
    for row = column + 1, n do
      if math.abs(a[row][column]) > math.abs(a[pivot][column]) then
        pivot = row
      end
    end
    if pivot ~= column then
      a[column], a[pivot] = a[pivot], a[column]
      b[column], b[pivot] = b[pivot], b[column]
      determinant = -determinant
    end

    local a_row, b_row = a[column], b[column]
    local scale = 1 / a_row[column]
    determinant = determinant * a_row[column]
    for j = column, n do
      a_row[j] = a_row[j] * scale
    end
    for j = 1, #b_row do
      b_row[j] = b_row[j] * scale
    end

    for row = 1, n do
      local factor = a[row][column]
      if row ~= column and factor ~= 0 then
        local a_other, b_other = a[row], b[row]
        for j = column, n do
          a_other[j] = a_other[j] - factor * a_row[j]
        end
        for j = 1, #b_row do
          b_other[j] = b_other[j] - factor * b_row[j]
        end
      end
    end
  end
  return determinant
end

local function identity(n)
  return matrix(n, n, function(i, j)
    return i == j and 1 or 0
  end)
end

local function largest_difference(a, b)
  local largest = 0
  for i = 1, #a do
    for j = 1, #a[i] do
      largest = math.max(largest, math.abs(a[i][j] - b[i][j]))
    end
  end
  return largest
end

-- Paths of a given length in a graph: powers of a matrix of whole numbers, modulo 1009.
local function power_modulo(a, exponent)
  local result = identity(#a)
  for _ = 1, exponent do
    result = multiply(result, a)
    for _, row in ipairs(result) do
      for j = 1, #row do
        row[j] = row[j] % 1009
      end
    end
  end
  return result
end

local floats = matrix(size, size, function()
  return random() / 2147483647 - 0.5
end)
local inverse = identity(size)
local determinant = solve(copy(floats), inverse)
assert(determinant ~= 0, "determinant")
assert(largest_difference(multiply(floats, inverse), identity(size)) < 1e-9, "inverse")
local turned = transpose(floats)
assert(largest_difference(transpose(multiply(floats, turned)), multiply(floats, turned)) < 1e-12,
       "symmetry")

local n = math.floor(size / 2)
local whole = matrix(n, n, function()
  return random() % 10
end)
local fifth, second, third = power_modulo(whole, 5), power_modulo(whole, 2), power_modulo(whole, 3)
local product = multiply(second, third)
for i = 1, n do
  for j = 1, n do
    assert(product[i][j] % 1009 == fifth[i][j], "powers")
  end
end
