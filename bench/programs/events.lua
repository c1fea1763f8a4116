-- A simulation of discrete events: a harbour with ships, berths, cranes and tides, driven by a
-- queue that is ordered by time.
--
-- group: programs
-- small: 4

local size = tonumber((...)) or 36

local Queue = {}
Queue.__index = Queue

function Queue.new()
  return setmetatable({count = 0, serial = 0}, Queue)
end

local function is_before(a, b)
  if a.time ~= b.time then
    return a.time < b.time
  end
  return a.serial < b.serial
end

function Queue:push(time, action, subject)
  self.serial = self.serial + 1
  local event = {time = time, serial = self.serial, action = action, subject = subject}
  local i = self.count + 1
  self.count = i
  while i > 1 do
    local parent = math.floor(i / 2)
    if not is_before(event, self[parent]) then
      break
    end
    self[i] = self[parent]
    i = parent
  end
  self[i] = event
  return event
end

function Queue:pop()
  local n = self.count
  if n == 0 then
    return nil
  end
  local first, last = self[1], self[n]
  self[n] = nil
  n = n - 1
  self.count = n
  if n > 0 then
    local i = 1
    while true do
      local child = 2 * i
      if child > n then
        break
      end
      if child < n and is_before(self[child + 1], self[child]) then
        child = child + 1
      end
      if not is_before(self[child], last) then
        break
      end
      self[i] = self[child]
      i = child
    end
    self[i] = last
  end
  return first
end

-- Something of which there are only so many; who comes first is served first.
local Resource = {}
Resource.__index = Resource

function Resource.new(name, count)
  return setmetatable({name = name, free = count, total = count, waiting = {}, first = 1, busy = 0, since = 0},
                      Resource)
end

function Resource:account(now)
  self.busy = self.busy + (self.total - self.free) * (now - self.since)
  self.since = now
end

function Resource:acquire(now, continue)
  if self.free > 0 then
    self:account(now)
    self.free = self.free - 1
    continue(now)
  else
    table.insert(self.waiting, continue)
  end
end

function Resource:release(now)
  local continue = self.waiting[self.first]
  if continue then
    self.waiting[self.first] = false
    self.first = self.first + 1
    continue(now)
  else
    self:account(now)
    self.free = self.free + 1
  end
end

function Resource:queue_length()
  return #self.waiting - self.first + 1
end

local Harbour = {}
Harbour.__index = Harbour

function Harbour.new(seed)
  return setmetatable({
    queue = Queue.new(), now = 0, seed = seed, arrived = 0, served = 0, waited = 0, longest_queue = 0,
    berths = Resource.new("berth", 4), cranes = Resource.new("crane", 6), is_high_tide = true, at_sea = {},
    containers = 0, events = 0,
  }, Harbour)
end

function Harbour:random(n)
  self.seed = self.seed * 16807 % 2147483647
  return self.seed % n + 1
end

function Harbour:after(delay, action, subject)
  return self.queue:push(self.now + delay, action, subject)
end

function Harbour:arrive()
  self.arrived = self.arrived + 1
  local ship = {number = self.arrived, load = 5 + self:random(15), deep = self:random(4) == 1, arrival = self.now}
  if ship.deep and not self.is_high_tide then
    table.insert(self.at_sea, ship)
  else
    self:dock(ship)
  end
  self:after(self:random(20), self.arrive)
end

function Harbour:dock(ship)
  self.berths:acquire(self.now, function(now)
    self.waited = self.waited + now - ship.arrival
    self:after(2, self.unload, ship)
  end)
  self.longest_queue = math.max(self.longest_queue, self.berths:queue_length())
end

function Harbour:unload(ship)
  if ship.load == 0 then
    self.served = self.served + 1
    self.berths:release(self.now)
    return
  end
  self.cranes:acquire(self.now, function()
    ship.load = ship.load - 1
    self.containers = self.containers + 1
    self:after(1 + ship.number % 2, self.lower, ship)
  end)
end

function Harbour:lower(ship)
  self.cranes:release(self.now)
  self:unload(ship)
end

function Harbour:turn_tide()
  self.is_high_tide = not self.is_high_tide
  if self.is_high_tide then
    local ships = self.at_sea
    self.at_sea = {}
    for _, ship in ipairs(ships) do
      self:dock(ship)
    end
  end
  self:after(60, self.turn_tide)
end

function Harbour:run(last)
  self:arrive()
  self:after(60, self.turn_tide)
  while true do
    local event = self.queue:pop()
    if event.time > last then
      break
    end
    assert(event.time >= self.now, "time goes on")
    self.now = event.time
    self.events = self.events + 1
    event.action(self, event.subject)
  end
  self.berths:account(last)
  self.cranes:account(last)
end

local served, containers, waited = 0, 0, 0
for seed = 1, size do
  local harbour = Harbour.new(seed)
  harbour:run(10000)
  local in_berths = harbour.berths.total - harbour.berths.free
  local outside = #harbour.at_sea + harbour.berths:queue_length()
  assert(harbour.arrived == harbour.served + in_berths + outside, "every ship is somewhere")
  assert(harbour.berths.busy <= 4 * 10000 and harbour.cranes.busy <= 6 * 10000, "use")
  assert(harbour.cranes.busy >= harbour.containers - 6, "each container takes a crane's time")
  served, containers = served + harbour.served, containers + harbour.containers
  waited = waited + harbour.waited
end
if size == 36 then
  assert(served == 34246 and containers == 445331 and waited == 153556, "traffic")
end
