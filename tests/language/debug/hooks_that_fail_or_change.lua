-- Hooks that fail, replace themselves, or cannot even be called leave the hooks in order.
local function lines(f)
  local seen = {}
  debug.sethook(function(_, line) seen[#seen + 1] = line end, "l")
  f()
  debug.sethook()
  return #seen
end

-- An error in a hook is an error of the function that it interrupted.
print(pcall(function()
  debug.sethook(function()
    debug.sethook()
    error("from the hook", 0)
  end, "l")
  local x = 1
end)) -- expect: false from the hook

-- A protected call inside of a hook ends no hook: it is not called from within.
local depth, deepest = 0, 0
debug.sethook(function()
  depth = depth + 1
  deepest = math.max(deepest, depth)
  pcall(error, "x")
  depth = depth - 1
end, "l")
local a = 1
local b = 2
debug.sethook()
print(deepest) -- expect: 1

-- A hook that replaces itself goes on with the same event.
local log = {}
local function second(event) log[#log + 1] = "second " .. event end
debug.sethook(function(event)
  log[#log + 1] = "first " .. event
  debug.sethook(second, "c")
end, "c")
math.abs(1)
debug.sethook()
print(table.concat(log, ", ")) -- expect: first call, second call

-- No room for a hook's call, deep in a chain of handlers: hooks are on again afterwards.
local function again() error("again") end
print(lines(function()
  print(xpcall(error, again) == false)
end) > 1)
-- expect: true
-- expect: true
print(lines(function()
  local x = 1
  local y = 2
end)) -- expect: 5

-- Hooks rest while finalizers run, and go on behind them.
local finalized
print(lines(function()
  setmetatable({}, {__gc = function()
    finalized = true
  end})
  collectgarbage()
  collectgarbage()
end), finalized) -- expect: 8 true
