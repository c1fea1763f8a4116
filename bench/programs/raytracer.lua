-- A ray tracer: spheres and a chequered floor, with shadows, mirrors and a sky. The picture is
-- checked by its symmetry and by its sum.
--
-- group: programs
-- small: 30

local size = tonumber((...)) or 180
local sqrt, floor, max, min = math.sqrt, math.floor, math.max, math.min

local Vector = {}
Vector.__index = Vector

local function vector(x, y, z)
  return setmetatable({x = x, y = y, z = z}, Vector)
end

Vector.__add = function(a, b) return vector(a.x + b.x, a.y + b.y, a.z + b.z) end
Vector.__sub = function(a, b) return vector(a.x - b.x, a.y - b.y, a.z - b.z) end
Vector.__mul = function(a, k) return vector(a.x * k, a.y * k, a.z * k) end

function Vector:dot(other)
  return self.x * other.x + self.y * other.y + self.z * other.z
end

function Vector:normalized()
  return self * (1 / sqrt(self:dot(self)))
end

function Vector:reflected(normal)
  return self - normal * (2 * self:dot(normal))
end

local Sphere = {}
Sphere.__index = Sphere

function Sphere.new(center, radius, color, mirror)
  return setmetatable({center = center, radius = radius, color = color, mirror = mirror}, Sphere)
end

-- The distance along the ray, or nil.
function Sphere:hit(origin, direction)
  local offset = origin - self.center
  local b = offset:dot(direction)
  local root = b * b - offset:dot(offset) + self.radius * self.radius
  if root <= 0 then
    return nil
  end
  root = sqrt(root)
  local distance = -b - root
  if distance > 1e-4 then
    return distance
  end
  distance = -b + root
  if distance > 1e-4 then
    return distance
  end
end

function Sphere:normal(point)
  return (point - self.center) * (1 / self.radius)
end

function Sphere:color_at()
  return self.color
end

local Floor = {}
Floor.__index = Floor

function Floor.new(height, mirror)
  return setmetatable({height = height, mirror = mirror}, Floor)
end

function Floor:hit(origin, direction)
  if direction.y > -1e-6 then
    return nil
  end
  local distance = (self.height - origin.y) / direction.y
  if distance > 1e-4 then
    return distance
  end
end

function Floor:normal()
  return vector(0, 1, 0)
end

local light_tile, dark_tile = vector(0.9, 0.9, 0.9), vector(0.2, 0.2, 0.2)

function Floor:color_at(point)
  -- The same on both sides of the middle.
  local x = point.x < 0 and -point.x or point.x
  if (floor(x) + floor(point.z)) % 2 == 0 then
    return light_tile
  end
  return dark_tile
end

local scene = {
  Floor.new(-1, 0.2),
  Sphere.new(vector(0, 0, 6), 1, vector(0.9, 0.2, 0.2), 0.3),
  Sphere.new(vector(-2, 0, 5), 0.8, vector(0.2, 0.9, 0.2), 0.2),
  Sphere.new(vector(2, 0, 5), 0.8, vector(0.2, 0.9, 0.2), 0.2),
  Sphere.new(vector(0, 1.8, 7), 0.9, vector(0.3, 0.3, 0.9), 0.5),
}
local light = vector(0, 6, 1)

local function nearest(origin, direction)
  local best, distance
  for _, thing in ipairs(scene) do
    local d = thing:hit(origin, direction)
    if d and (not distance or d < distance) then
      best, distance = thing, d
    end
  end
  return best, distance
end

local function sky(direction)
  local k = max(0, direction.y)
  return vector(0.5 + 0.2 * k, 0.6 + 0.2 * k, 0.8)
end

local function trace(origin, direction, depth)
  local thing, distance = nearest(origin, direction)
  if not thing then
    return sky(direction)
  end
  local point = origin + direction * distance
  local normal = thing:normal(point)

  local to_light = light - point
  local light_distance = sqrt(to_light:dot(to_light))
  to_light = to_light:normalized()
  local shade, shade_distance = nearest(point, to_light)
  local brightness = 0.1
  if not shade or shade_distance > light_distance then
    brightness = brightness + 0.9 * max(0, normal:dot(to_light))
  end

  local color = thing:color_at(point) * brightness
  if depth > 0 and thing.mirror > 0 then
    local mirrored = trace(point, direction:reflected(normal), depth - 1)
    color = color * (1 - thing.mirror) + mirrored * thing.mirror
  end
  return color
end

local function render(width, height)
  local eye, rows = vector(0, 0.5, -1), {}
  for y = 1, height do
    local row = {}
    for x = 1, width do
      local direction = vector((2 * x - 1 - width) / width, (height + 1 - 2 * y) / width, 1.2)
      local color = trace(eye, direction:normalized(), 3)
      row[x] = floor(255 * min(1, (color.x + color.y + color.z) / 3))
    end
    rows[y] = row
  end
  return rows
end

local width, height = 2 * size, size
local picture = render(width, height)
local sum, unequal = 0, 0
for _, row in ipairs(picture) do
  for x = 1, width do
    assert(row[x] >= 0 and row[x] <= 255, "brightness")
    sum = sum + row[x]
    if row[x] ~= row[width + 1 - x] then
      unequal = unequal + 1
    end
  end
end
-- The scene is its own mirror image, but for rounding.
assert(unequal <= width * height / 500, "symmetry")
if size == 180 then
  assert(sum == 8384240, "picture")
end
