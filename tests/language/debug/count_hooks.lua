-- A count hook fires again and again while instructions are executed; it can stop a loop.
local fired = 0
debug.sethook(function(event) fired = fired + 1 end, "", 10)
for i = 1, 300 do local x = i * 2 end
debug.sethook()
print(fired >= 30, fired <= 300) -- expect: true true
local ok, message = pcall(function()
  local steps = 0
  debug.sethook(function()
    steps = steps + 1
    if steps > 20 then debug.sethook() error("stopped by the hook", 0) end
  end, "", 5)
  while true do end
end)
debug.sethook()
print(ok, message) -- expect: false stopped by the hook
-- Also inside a coroutine and with other events at the same time.
local events = {}
local co = coroutine.create(function()
  for i = 1, 20 do local _ = i end
end)
debug.sethook(co, function(event) events[event] = (events[event] or 0) + 1 end, "crl", 7)
coroutine.resume(co)
print(events.count > 0, events.line > 0, events.call ~= nil) -- expect: true true true
print(debug.gethook() == nil) -- expect: true
