-- Floats and functions of floats: quadrature, roots, series, and differential equations.
--
-- group: numeric
-- small: 80

local size = tonumber((...)) or 5000
local sin, cos, exp, sqrt, pi = math.sin, math.cos, math.exp, math.sqrt, math.pi

local function close(a, b, tolerance)
  return math.abs(a - b) <= tolerance
end

-- Simpson's rule.
local function integrate(f, a, b, n)
  local h = (b - a) / n
  local sum = f(a) + f(b)
  for i = 1, n - 1 do
    sum = sum + f(a + i * h) * (i % 2 == 0 and 2 or 4)
  end
  return sum * h / 3
end

local function bell(x)
  return exp(-x * x)
end

-- Newton's method.
local function root(f, derivative, x)
  for _ = 1, 60 do
    local step = f(x) / derivative(x)
    x = x - step
    if step < 1e-15 and step > -1e-15 then
      break
    end
  end
  return x
end

local function cube_root(c)
  return root(function(x) return x * x * x - c end, function(x) return 3 * x * x end, c)
end

local function exponential_series(x)
  local term, sum, n = 1.0, 1.0, 0
  while term > 1e-17 * sum do
    n = n + 1
    term = term * x / n
    sum = sum + term
  end
  return sum
end

-- Pi by the means of Gauss and Legendre.
local function pi_by_means()
  local a, b, t, p = 1.0, 1 / sqrt(2), 0.25, 1.0
  for _ = 1, 4 do
    local mean = (a + b) / 2
    b = sqrt(a * b)
    t = t - p * (a - mean) * (a - mean)
    p = 2 * p
    a = mean
  end
  return (a + b) ^ 2 / (4 * t)
end

-- A pendulum by the classical method of Runge and Kutta; its energy has to stay.
local function pendulum(angle, speed, steps, h)
  for _ = 1, steps do
    local a1, s1 = speed, -sin(angle)
    local a2, s2 = speed + h / 2 * s1, -sin(angle + h / 2 * a1)
    local a3, s3 = speed + h / 2 * s2, -sin(angle + h / 2 * a2)
    local a4, s4 = speed + h * s3, -sin(angle + h * a3)
    angle = angle + h / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
    speed = speed + h / 6 * (s1 + 2 * s2 + 2 * s3 + s4)
  end
  return angle, speed
end

local function energy(angle, speed)
  return speed * speed / 2 - cos(angle)
end

-- The logistic map, whose average tells order from chaos.
local function logistic(r, n)
  local x, sum = 0.5, 0.0
  for _ = 1, n do
    x = r * x * (1 - x)
    sum = sum + x
  end
  return sum / n
end

for i = 1, size do
  assert(close(integrate(sin, 0, pi, 200), 2, 1e-8), "sine")
  assert(close(integrate(bell, -6, 6, 200), sqrt(pi), 1e-9), "bell")
  assert(close(cube_root(i) ^ 3, i, 1e-9 * i), "cube root")
  local x = i / size
  assert(close(exponential_series(x), exp(x), 1e-14), "series")
  assert(close(pi_by_means(), pi, 1e-14), "pi")
  local angle, speed = pendulum(x, 0, 300, 0.01)
  assert(close(energy(angle, speed), energy(x, 0), 1e-9), "energy")
  assert(close(logistic(2.5, 2000), 0.6, 1e-3), "order")
  local chaos = logistic(4 - 1e-9 * i, 1000)
  assert(chaos > 0.3 and chaos < 0.7, "chaos")
end
