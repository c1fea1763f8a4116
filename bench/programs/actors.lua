-- Thousands of coroutines that send each other messages: a scheduler with mailboxes, a ring, a
-- pipeline with a bounded channel, timers, and failures that others hear of.
--
-- group: coroutines
-- small: 1

local size = tonumber((...)) or 28

local Scheduler = {}
Scheduler.__index = Scheduler

function Scheduler.new()
  return setmetatable({ready = {}, first = 1, last = 0, time = 0, sleepers = {}, alive = 0}, Scheduler)
end

function Scheduler:enqueue(actor)
  self.last = self.last + 1
  self.ready[self.last] = actor
end

function Scheduler:spawn(behaviour, ...)
  local actor = {mailbox = {}, head = 1, thread = coroutine.create(behaviour), waiting = false}
  actor.arguments = {actor, ...}
  self.alive = self.alive + 1
  self:enqueue(actor)
  return actor
end

function Scheduler:send(actor, message)
  actor.mailbox[#actor.mailbox + 1] = message
  if actor.waiting then
    actor.waiting = false
    self:enqueue(actor)
  end
end

local function receive(actor)
  while actor.head > #actor.mailbox do
    coroutine.yield("receive")
  end
  local message = actor.mailbox[actor.head]
  actor.head = actor.head + 1
  if actor.head > 16 and actor.head > #actor.mailbox then
    actor.mailbox, actor.head = {}, 1
  end
  return message
end

local function sleep(ticks)
  coroutine.yield("sleep", ticks)
end

local unpack = table.unpack or unpack

function Scheduler:step(actor)
  local ok, request, argument
  if actor.arguments then
    ok, request, argument = coroutine.resume(actor.thread, unpack(actor.arguments))
    actor.arguments = nil
  else
    ok, request, argument = coroutine.resume(actor.thread)
  end
  if coroutine.status(actor.thread) == "dead" then
    self.alive = self.alive - 1
    if actor.watcher then
      self:send(actor.watcher, ok and "done" or request)
    end
  elseif request == "receive" then
    actor.waiting = true
  elseif request == "sleep" then
    local due = self.time + argument
    self.sleepers[due] = self.sleepers[due] or {}
    table.insert(self.sleepers[due], actor)
  else
    self:enqueue(actor)
  end
end

function Scheduler:run(ticks)
  for _ = 1, ticks do
    while self.first <= self.last do
      local actor = self.ready[self.first]
      self.ready[self.first] = nil
      self.first = self.first + 1
      self:step(actor)
    end
    self.time = self.time + 1
    local awake = self.sleepers[self.time]
    if awake then
      self.sleepers[self.time] = nil
      for _, actor in ipairs(awake) do
        self:enqueue(actor)
      end
    end
  end
end

-- A message goes round a ring of actors until its count is used up.
local function ring(scheduler, n, count)
  local actors, laps = {}, 0
  for i = 1, n do
    actors[i] = scheduler:spawn(function(self)
      while true do
        local left = receive(self)
        if i == 1 then
          laps = laps + 1
        end
        if left == 0 then
          return
        end
        scheduler:send(actors[i % n + 1], left - 1)
      end
    end)
  end
  scheduler:send(actors[1], count)
  scheduler:run(1)
  assert(laps == math.floor(count / n) + 1, "laps")
end

-- Producers that wait while a channel is full, consumers that wait while it is empty.
local function channel(scheduler, capacity, producers, items)
  local queue, sum, received = {}, 0, 0
  for p = 1, producers do
    scheduler:spawn(function()
      for i = 1, items do
        while #queue >= capacity do
          coroutine.yield()
        end
        table.insert(queue, p * i)
      end
    end)
  end
  for _ = 1, 3 do
    scheduler:spawn(function()
      while received < producers * items do
        if #queue > 0 then
          sum = sum + table.remove(queue, 1)
          received = received + 1
        else
          coroutine.yield()
        end
      end
    end)
  end
  scheduler:run(1)
  assert(sum == producers * (producers + 1) / 2 * items * (items + 1) / 2, "channel")
end

-- Workers that sleep, of which some fail; their supervisor counts both.
local function supervised(scheduler, n)
  local reports = {done = 0, failed = 0}
  local supervisor = scheduler:spawn(function(self)
    for _ = 1, n do
      local report = receive(self)
      if report == "done" then
        reports.done = reports.done + 1
      else
        assert(report:find("worker %d+ failed"), "report")
        reports.failed = reports.failed + 1
      end
    end
  end)
  for i = 1, n do
    local worker = scheduler:spawn(function(_, number)
      for _ = 1, 5 do
        sleep(number % 7 + 1)
      end
      if number % 10 == 0 then
        error("worker " .. number .. " failed")
      end
    end, i)
    worker.watcher = supervisor
  end
  scheduler:run(50)
  assert(reports.failed == math.floor(n / 10) and reports.done == n - reports.failed, "reports")
end

for _ = 1, size do
  local scheduler = Scheduler.new()
  ring(scheduler, 500, 20000)
  assert(scheduler.alive == 499, "the ring waits")
  channel(scheduler, 20, 10, 300)
  supervised(scheduler, 1000)
  assert(scheduler.alive == 499, "all others ended")
end
