-- The Mandelbrot set: the area by counting points, and a Julia set beside it.
--
-- group: numeric
-- small: 80

local size = tonumber((...)) or 640
local limit = 60

-- Steps until the orbit of c leaves the circle of radius 2, or the limit.
local function escape(cr, ci)
  local zr, zi = 0.0, 0.0
  for step = 1, limit do
    local rr, ii = zr * zr, zi * zi
    if rr + ii > 4.0 then
      return step
    end
    zi = 2.0 * zr * zi + ci
    zr = rr - ii + cr
  end
  return limit
end

local function julia(zr, zi, cr, ci)
  local step = 0
  repeat
    zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
    step = step + 1
  until step == limit or zr * zr + zi * zi > 4.0
  return step
end

local inside, steps, mirrored = 0, 0, 0
for row = 0, size - 1 do
  local y = (row + 0.5) * 2.5 / size - 1.25
  for column = 0, size - 1 do
    local x = (column + 0.5) * 2.5 / size - 2.0
    local n = escape(x, y)
    if n == limit then
      inside = inside + 1
    end
    if n ~= escape(x, -y) then
      mirrored = mirrored + 1
    end
    steps = steps + julia(x + 0.75, y, -0.8, 0.156)
  end
end

-- Both halves of the picture are the same. The area is known to be 1.5066, and the limit adds to it.
assert(mirrored == 0, "symmetry")
local area = inside * (2.5 / size) ^ 2
assert(math.abs(area - 1.5066) < 0.1 + 4 / size, "area")
if size == 640 then
  assert(inside == 103304 and steps == 6381804, "counts")
end
