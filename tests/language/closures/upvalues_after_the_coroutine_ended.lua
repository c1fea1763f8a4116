-- Variables of a coroutine live on in closures after it died, failed or was closed.
local function spawn(body)
  local co = coroutine.create(body)
  local ok, result = coroutine.resume(co)
  return co, result, ok
end
local co, f = spawn(function()
  local n = 10
  return function() n = n + 1; return n end
end)
print(coroutine.status(co), f(), f()) -- expect: dead 11 12

local kept
co = spawn(function()
  local v = "kept"
  kept = {get = function() return v end, set = function(x) v = x end}
  error("fails", 0)
end)
print(coroutine.status(co), kept.get()) -- expect: dead kept
kept.set("changed")
print(kept.get()) -- expect: changed

co, f = spawn(function()
  local list = {1, 2, 3}
  coroutine.yield(function() return table.remove(list), #list end)
end)
print(coroutine.status(co), f()) -- expect: suspended 3 2
print(coroutine.close(co), f()) -- expect: true 2 1
co = nil
collectgarbage()
print(f()) -- expect: 1 0

-- Two coroutines that share variables of the main program and of each other.
local shared = 0
local function forever(step)
  return coroutine.wrap(function()
    while true do
      shared = step(shared)
      coroutine.yield(shared)
    end
  end)
end
local a = forever(function(n) return n + 1 end)
local b = forever(function(n) return n * 2 end)
print(a(), b(), a(), b(), shared) -- expect: 1 2 3 6 6
