-- Finalizers that work, allocate, resurrect, and call functions.
local log = {}
local function work() local s = 0 for i = 1, 3 do s = s + i end return s end
local function make(name, action)
  setmetatable({name = name}, {__gc = function(o)
    work()
    log[#log + 1] = o.name
    if action then action(o) end
    work()
  end})
end
local saved
make("plain")
make("saving", function(o) saved = o end)
make("calling", function() pcall(error, "x") table.sort({3, 2, 1}) ("abc"):gsub(".", work) end)
make("making", function() make("made") end)
make("coroutine", function()
  local co = coroutine.wrap(function() coroutine.yield(work()) return 2 end)
  log[#log + 1] = co() + co()
end)
collectgarbage()
print(table.concat(log, " ")) -- expect: coroutine 8 making calling saving plain
collectgarbage()
print(log[#log], saved.name) -- expect: made saving
-- The order is the reverse of marking, within one collection.
log = {}
for i = 1, 5 do make(i) end
collectgarbage()
print(table.concat(log, " ")) -- expect: 5 4 3 2 1
-- Finalizers while the program is in the middle of an expression.
log = {}
local function scope() make("inside") return 1 end
local x = scope() + (collectgarbage() or 0) * 0 + #log
print(x, log[1]) -- expect: 2 inside
