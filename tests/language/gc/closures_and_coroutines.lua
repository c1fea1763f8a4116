-- Closures, their variables and coroutines go when nothing holds them.
local weak = setmetatable({}, {__mode = "v"})
local function closure()
  local variable = {}
  local f = function() return variable end
  weak.variable, weak.f = variable, f
  return f
end
local f = closure()
collectgarbage()
print(weak.variable == f(), weak.f == f) -- expect: true true
f = nil
collectgarbage()
print(weak.variable, weak.f) -- expect: nil nil
-- A variable shared by two closures lives as long as one of them.
local function two()
  local v = {}
  weak.v = v
  return function() return v end, function(x) v = x end
end
local get, set = two()
get = nil
collectgarbage()
print(weak.v ~= nil) -- expect: true
set(nil)
collectgarbage()
print(weak.v) -- expect: nil
-- What a suspended coroutine's locals hold.
local co = coroutine.wrap(function()
  local held = {}
  weak.held = held
  coroutine.yield()
  held = nil
  coroutine.yield()
end)
co()
collectgarbage()
print(weak.held ~= nil) -- expect: true
co()
collectgarbage()
print(weak.held) -- expect: nil
-- A dead coroutine holds its results no longer.
local dead = coroutine.create(function() local r = {} weak.result = r return r end)
coroutine.resume(dead)
collectgarbage()
print(weak.result, coroutine.status(dead)) -- expect: nil dead
-- Arguments and temporaries are not kept after a call.
local function take(x) weak.argument = x end
take({})
collectgarbage()
print(weak.argument) -- expect: nil
