-- Linear algebra on tables, big integers by digits, statistics, root finding.
local function matrix(rows) return rows end
local function multiply(a, b)
  local c = {}
  for i = 1, #a do
    c[i] = {}
    for j = 1, #b[1] do
      local s = 0
      for k = 1, #b do s = s + a[i][k] * b[k][j] end
      c[i][j] = s
    end
  end
  return c
end
local function show(m)
  local rows = {}
  for i, r in ipairs(m) do rows[i] = table.concat(r, " ") end
  return table.concat(rows, "; ")
end
local m = matrix {{1, 2}, {3, 4}}
print(show(multiply(m, m)), show(multiply({{1, 2, 3}}, {{1}, {0.5}, {2}})))
-- expect: 7 10; 15 22 8.0
local function power(x, n)
  if n == 0 then return {{1, 0}, {0, 1}} end
  local half = power(x, n // 2)
  local full = multiply(half, half)
  return n % 2 == 1 and multiply(full, x) or full
end
print(power({{1, 1}, {1, 0}}, 80)[1][2]) -- expect: 23416728348467685
local function determinant(a)
  local n, det = #a, 1
  for i = 1, n do
    local pivot = i
    for r = i + 1, n do if math.abs(a[r][i]) > math.abs(a[pivot][i]) then pivot = r end end
    if a[pivot][i] == 0 then return 0 end
    if pivot ~= i then a[i], a[pivot], det = a[pivot], a[i], -det end
    det = det * a[i][i]
    for r = i + 1, n do
      local f = a[r][i] / a[i][i]
      for c = i, n do a[r][c] = a[r][c] - f * a[i][c] end
    end
  end
  return det
end
print(string.format("%.6f", determinant {{2, 0, 1}, {1, 3, 2}, {1, 1, 4}})) -- expect: 18.000000
-- 30! digit by digit.
local digits = {1}
for n = 2, 30 do
  local carry = 0
  for i = 1, #digits do
    local v = digits[i] * n + carry
    digits[i], carry = v % 10, v // 10
  end
  while carry > 0 do digits[#digits + 1], carry = carry % 10, carry // 10 end
end
print(table.concat(digits):reverse()) -- expect: 265252859812191058636308480000000
local function newton(f, df, x)
  for _ = 1, 30 do x = x - f(x) / df(x) end
  return x
end
local root = newton(function(x) return x * x - 2 end, function(x) return 2 * x end, 1)
print(string.format("%.12f", root), root == math.sqrt(2) or math.abs(root - math.sqrt(2)) < 1e-15)
-- expect: 1.414213562373 true
local data, sum, squares = {2, 4, 4, 4, 5, 5, 7, 9}, 0, 0
for _, v in ipairs(data) do sum = sum + v squares = squares + v * v end
local mean = sum / #data
print(mean, (squares / #data - mean ^ 2) ^ 0.5) -- expect: 5.0 2.0
print(math.min(table.unpack(data)), math.max(table.unpack(data))) -- expect: 2 9
