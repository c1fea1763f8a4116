-- Planets around a star, and a cloud of bodies that attract each other. Momentum and energy have
-- to stay.
--
-- group: programs
-- small: 60

local size = tonumber((...)) or 4000
local sqrt = math.sqrt

local Body = {}
Body.__index = Body

function Body.new(mass, x, y, z, vx, vy, vz)
  return setmetatable({mass = mass, x = x, y = y, z = z, vx = vx, vy = vy, vz = vz}, Body)
end

function Body:kinetic_energy()
  return 0.5 * self.mass * (self.vx * self.vx + self.vy * self.vy + self.vz * self.vz)
end

function Body:drift(dt)
  self.x = self.x + dt * self.vx
  self.y = self.y + dt * self.vy
  self.z = self.z + dt * self.vz
end

local softening = 0.01

-- Each pair of bodies pulls at both ends.
local function kick(bodies, dt)
  local n = #bodies
  for i = 1, n - 1 do
    local a = bodies[i]
    local ax, ay, az, a_mass = a.x, a.y, a.z, a.mass
    local vx, vy, vz = a.vx, a.vy, a.vz
    for j = i + 1, n do
      local b = bodies[j]
      local dx, dy, dz = b.x - ax, b.y - ay, b.z - az
      local square = dx * dx + dy * dy + dz * dz + softening
      local pull = dt / (square * sqrt(square))
      local to_a, to_b = b.mass * pull, a_mass * pull
      vx = vx + dx * to_a
      vy = vy + dy * to_a
      vz = vz + dz * to_a
      b.vx = b.vx - dx * to_b
      b.vy = b.vy - dy * to_b
      b.vz = b.vz - dz * to_b
    end
    a.vx, a.vy, a.vz = vx, vy, vz
  end
end

-- Half a kick before and after the drift keeps the error of the energy bounded.
local function step(bodies, dt)
  kick(bodies, dt / 2)
  for _, body in ipairs(bodies) do
    body:drift(dt)
  end
  kick(bodies, dt / 2)
end

local function energy(bodies)
  local sum = 0
  for i, a in ipairs(bodies) do
    sum = sum + a:kinetic_energy()
    for j = i + 1, #bodies do
      local b = bodies[j]
      local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
      sum = sum - a.mass * b.mass / sqrt(dx * dx + dy * dy + dz * dz + softening)
    end
  end
  return sum
end

local function momentum(bodies)
  local x, y, z = 0, 0, 0
  for _, body in ipairs(bodies) do
    x = x + body.mass * body.vx
    y = y + body.mass * body.vy
    z = z + body.mass * body.vz
  end
  return x, y, z
end

local function planets()
  local bodies = {Body.new(1, 0, 0, 0, 0, 0, 0)}
  for i = 1, 5 do
    local distance = i * 0.8
    local speed = sqrt(1 / distance)
    bodies[#bodies + 1] = Body.new(0.0001 * i, distance, 0, 0.01 * i, 0, speed, 0)
  end
  return bodies
end

local function cloud(n)
  local seed = 7
  local function random()
    seed = seed * 16807 % 2147483647
    return seed / 2147483647 - 0.5
  end
  local bodies = {}
  for i = 1, n do
    bodies[i] = Body.new(1 / n, random(), random(), random(), random(), random(), random())
  end
  return bodies
end

local function simulate(bodies, steps, dt)
  local before = energy(bodies)
  local px, py, pz = momentum(bodies)
  for _ = 1, steps do
    step(bodies, dt)
  end
  assert(math.abs(energy(bodies) - before) < 2e-3 * math.abs(before), "energy")
  local qx, qy, qz = momentum(bodies)
  assert(math.abs(px - qx) + math.abs(py - qy) + math.abs(pz - qz) < 1e-12, "momentum")
  return bodies
end

local system = simulate(planets(), size * 10, 0.002)
local cluster = simulate(cloud(24), size, 0.002)
if size == 4000 then
  local places = string.format("%.6f %.6f", system[2].x, cluster[1].y)
  assert(places == "0.835145 0.061825", "places")
end
