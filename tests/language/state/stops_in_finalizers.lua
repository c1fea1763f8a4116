-- Finalizers that work, allocate, resurrect, and call functions.
local log = {}
local function work() local s = 0 for i = 1, 3 do s = s + i end return s end
local function make(name, action)
  return setmetatable({name = name}, {__gc = function(o)
    work()
    log[#log + 1] = o.name
    if action then action(o) end
    work()
  end})
end
local saved
-- All objects of a list become garbage at one moment.
local function build()
  return {
    make("plain"),
    make("saving", function(o) saved = o end),
    make("calling", function() pcall(error, "x") table.sort({3, 1}) end),
    make("coroutine", function()
      local co = coroutine.wrap(function() coroutine.yield(work()) return 2 end)
      log[#log + 1] = co() + co()
    end),
  }
end
local held = build()
held = nil
collectgarbage()
print(table.concat(log, " "), saved.name) -- expect: coroutine 8 calling saving plain saving
-- A finalizer that makes an object with a finalizer.
log = {}
local function making() make("making", function() make("made") end) end
making()
collectgarbage()
collectgarbage()
print(table.concat(log, " ")) -- expect: making made
-- Finalizers while the program is in the middle of an expression.
log = {}
local function scope() make("inside") return 1 end
local x = scope() + (collectgarbage() or 0) * 0 + #log
print(x, log[1]) -- expect: 2 inside
