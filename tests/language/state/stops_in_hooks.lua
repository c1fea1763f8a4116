-- Hooks that work, call functions, change the hook, and fail.
local function work() local s = 0 for i = 1, 2 do s = s + i end return s end
local function target(x)
  local y = x + 1
  y = y * 2
  return y
end
local first = debug.getinfo(target, "S").linedefined
local lines, results = {}, {}
debug.sethook(function(event, line)
  local info = debug.getinfo(2, "S")
  if info.linedefined == first then
    work()
    lines[#lines + 1] = line - first
  end
end, "l")
results[1] = target(1)
results[2] = target(2)
debug.sethook()
print(table.concat(lines, " "), results[1], results[2]) -- expect: 1 2 3 1 2 3 4 6

local calls = {}
debug.sethook(function(event)
  local name = debug.getinfo(2, "n").name
  if name == "target" then
    work()
    calls[#calls + 1] = event
  end
end, "cr")
local r = target(3)
debug.sethook()
print(table.concat(calls, " "), r) -- expect: call return 8
-- A hook in a coroutine, with yields of the coroutine in between.
local seen = {}
local co = coroutine.create(function()
  local a = 1
  coroutine.yield(a)
  local b = a + 1
  coroutine.yield(b)
end)
local base = debug.getinfo(1, "l").currentline - 6
debug.sethook(co, function(_, line) work() seen[#seen + 1] = line - base end, "l")
print(select(2, coroutine.resume(co)), select(2, coroutine.resume(co))) -- expect: 1 2
print(table.concat(seen, " ")) -- expect: 1 2 3 4
-- An error in a hook is an error of the program.
local ok, e = pcall(function()
  debug.sethook(function() debug.sethook() error("from the hook", 0) end, "l")
  local z = 1
  return z
end)
debug.sethook()
print(ok, e) -- expect: false from the hook
