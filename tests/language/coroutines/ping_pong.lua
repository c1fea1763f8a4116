-- Two coroutines that wake each other through the main program; a scheduler; a pipeline.
local log = {}
local function player(name, other)
  return coroutine.create(function()
    for i = 1, 3 do
      log[#log + 1] = name .. i
      coroutine.yield(other)
    end
    return "end of " .. name
  end)
end
local players = {ping = player("ping", "pong"), pong = player("pong", "ping")}
local turn = "ping"
local result
repeat
  local _, next_turn = coroutine.resume(players[turn])
  if players[next_turn] then turn = next_turn else result = next_turn end
until result
print(table.concat(log, " "), result) -- expect: ping1 pong1 ping2 pong2 ping3 pong3 end of ping

-- Round robin with sleeping tasks and messages.
local tasks, time, inbox = {}, 0, {}
local function spawn(name, f)
  tasks[#tasks + 1] = {name = name, co = coroutine.create(f), wake = 0}
end
local function sleep(n) coroutine.yield(n) end
local events = {}
spawn("a", function() for i = 1, 3 do events[#events + 1] = time .. "a" sleep(2) end end)
spawn("b", function()
  while #inbox == 0 do events[#events + 1] = time .. "b" sleep(1) end
  events[#events + 1] = table.remove(inbox)
end)
spawn("c", function() sleep(3) inbox[1] = "mail" end)
while #tasks > 0 do
  for i = #tasks, 1, -1 do
    local task = tasks[i]
    if task.wake <= time then
      local ok, pause = assert(coroutine.resume(task.co))
      if coroutine.status(task.co) == "dead" then table.remove(tasks, i)
      else task.wake = time + pause end
    end
  end
  time = time + 1
end
print(table.concat(events, " ")) -- expect: 0b 0a 1b 2b 2a mail 4a

-- Producer, filter, consumer.
local function producer() return coroutine.create(function()
  for _, line in ipairs {"one", "two", "three"} do coroutine.yield(line) end
end) end
local function numbered(source) return coroutine.create(function()
  local n = 0
  while true do
    local _, line = assert(coroutine.resume(source))
    if not line then return nil end
    n = n + 1
    coroutine.yield(n .. ":" .. line)
  end
end) end
local out, source = {}, numbered(producer())
while true do
  local _, line = assert(coroutine.resume(source))
  if not line then break end
  out[#out + 1] = line
end
print(table.concat(out, " ")) -- expect: 1:one 2:two 3:three
