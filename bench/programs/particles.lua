-- Many small objects that live for a moment: vectors as values, lists that are copied to be
-- changed, and closures as events.
--
-- group: collector
-- small: 10

local size = tonumber((...)) or 300

local Vector = {}
Vector.__index = Vector

local function vector(x, y)
  return setmetatable({x = x, y = y}, Vector)
end

function Vector:plus(other)
  return vector(self.x + other.x, self.y + other.y)
end

function Vector:minus(other)
  return vector(self.x - other.x, self.y - other.y)
end

function Vector:times(factor)
  return vector(self.x * factor, self.y * factor)
end

function Vector:turned()
  return vector(-self.y, self.x)
end

function Vector:dot(other)
  return self.x * other.x + self.y * other.y
end

-- Springs between neighbours on a ring; forces cancel, so the middle stays where it is.
local function simulate(n, steps)
  local particles = {}
  for i = 1, n do
    local angle = 2 * math.pi * i / n
    particles[i] = {
      place = vector(math.cos(angle), math.sin(angle)):times(10),
      speed = vector(0, 0),
    }
  end
  for _ = 1, steps do
    local forces = {}
    for i = 1, n do
      forces[i] = vector(0, 0)
    end
    for i = 1, n do
      local j = i % n + 1
      local pull = particles[j].place:minus(particles[i].place):times(0.1)
      forces[i] = forces[i]:plus(pull)
      forces[j] = forces[j]:minus(pull)
    end
    for i, particle in ipairs(particles) do
      particle.speed = particle.speed:plus(forces[i]:times(0.1))
      particle.place = particle.place:plus(particle.speed:times(0.1))
    end
  end

  local middle, spin = vector(0, 0), 0
  for _, particle in ipairs(particles) do
    middle = middle:plus(particle.place)
    spin = spin + particle.place:turned():dot(particle.speed)
  end
  assert(middle:dot(middle) < 1e-20, "middle")
  assert(math.abs(spin) < 1e-9, "spin")
end

-- Lists of pairs that are never changed.
local function cons(head, tail)
  return {head = head, tail = tail}
end

local function from_to(first, last)
  local list
  for i = last, first, -1 do
    list = cons(i, list)
  end
  return list
end

local function reverse(list)
  local result
  while list do
    result = cons(list.head, result)
    list = list.tail
  end
  return result
end

local function map(list, f)
  local result
  while list do
    result = cons(f(list.head), result)
    list = list.tail
  end
  return reverse(result)
end

local function append(a, b)
  local result = b
  a = reverse(a)
  while a do
    result = cons(a.head, result)
    a = a.tail
  end
  return result
end

local function sum(list)
  local total = 0
  while list do
    total = total + list.head
    list = list.tail
  end
  return total
end

local function lists(n)
  local list = from_to(1, n)
  local doubled = map(list, function(x)
    return 2 * x
  end)
  local both = append(reverse(list), doubled)
  assert(both.head == n and sum(both) == 3 * n * (n + 1) / 2, "lists")
end

-- Small records of every shape, most of them garbage at once.
local function messages(n)
  local inbox, words = {}, 0
  for i = 1, n do
    local message = {from = i, to = {i + 1, i + 2}, text = "message " .. i % 10}
    if i % 50 == 0 then
      inbox[#inbox + 1] = message
    end
    words = words + #message.to + #message.text
  end
  assert(#inbox == math.floor(n / 50) and words == n * 11, "messages")
end

local function events(n)
  local pending, done = {}, 0
  for i = 1, n do
    pending[#pending + 1] = function()
      done = done + i
    end
    if #pending == 10 then
      for _, event in ipairs(pending) do
        event()
      end
      pending = {}
    end
  end
  assert(done == n * (n + 1) / 2, "events")
end

for _ = 1, size do
  simulate(40, 10)
  lists(500)
  messages(1000)
  events(1000)
end
