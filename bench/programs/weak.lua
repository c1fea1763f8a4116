-- Tables that do not keep what is in them: a pool of equal values, notes about objects that others
-- own, and listeners that come and go. No result depends on when collections happen.
--
-- group: collector
-- small: 50

local size = tonumber((...)) or 2500

-- One object for equal contents, as long as anybody uses it.
local pool = setmetatable({}, {__mode = "v"})

local function point(x, y)
  local key = x * 100000 + y
  local found = pool[key]
  if not found then
    found = {x = x, y = y}
    pool[key] = found
  end
  return found
end

-- What is known about objects without touching them.
local notes = setmetatable({}, {__mode = "k"})

local function note(object, name, value)
  local about = notes[object]
  if not about then
    about = {}
    notes[object] = about
  end
  about[name] = value
end

local function read_note(object, name)
  local about = notes[object]
  return about and about[name]
end

-- Private parts of objects.
local secrets = setmetatable({}, {__mode = "k"})
local Counter = {}
Counter.__index = Counter

local function counter(start)
  local self = setmetatable({}, Counter)
  secrets[self] = {value = start}
  return self
end

function Counter:add(n)
  local secret = secrets[self]
  secret.value = secret.value + n
  return self
end

function Counter:value()
  return secrets[self].value
end

local Subject = {}
Subject.__index = Subject

local function subject()
  return setmetatable({listeners = setmetatable({}, {__mode = "k"})}, Subject)
end

function Subject:attach(listener)
  self.listeners[listener] = true
end

function Subject:notify(message)
  local count = 0
  for listener in pairs(self.listeners) do
    count = count + listener(message)
  end
  return count
end

local function memoize(f)
  local results = setmetatable({}, {__mode = "kv"})
  return function(argument)
    local result = results[argument]
    if result == nil then
      result = f(argument)
      results[argument] = result
    end
    return result
  end
end

local length_of = memoize(function(text)
  return {length = #text}
end)

local source = subject()
local kept, heard = {}, 0
local kept_points = {}
for round = 1, size do
  for i = 1, 100 do
    local a, b = point(i, round), point(i, round)
    assert(a == b and a.x == i and a.y == round, "point")
    if i == round % 100 then
      kept_points[#kept_points + 1] = a
    end
  end

  local objects = {}
  for i = 1, 100 do
    objects[i] = {number = i}
    note(objects[i], "square", i * i)
    note(objects[i], "round", round)
  end
  for i = 1, 100 do
    assert(read_note(objects[i], "square") == i * i, "note")
    assert(read_note(objects[i], "round") == round, "note")
  end

  local sum = 0
  for i = 1, 100 do
    sum = sum + counter(i):add(1):add(2):value()
  end
  assert(sum == 5050 + 300, "counters")

  if round % 10 == 0 then
    local listener = function(message)
      heard = heard + message
      return 0
    end
    kept[#kept + 1] = listener
    source:attach(listener)
  end
  for i = 1, 100 do
    local text = "text " .. i
    assert(length_of(text).length == #text, "memory")
  end
end
assert(source:notify(2) == 0 and heard == 2 * #kept, "listeners")
for _, p in ipairs(kept_points) do
  assert(point(p.x, p.y) == p, "kept")
end
collectgarbage()
collectgarbage()
local left = 0
for object in pairs(notes) do
  left = left + 1
end
assert(left <= 100, "notes of the dead")
