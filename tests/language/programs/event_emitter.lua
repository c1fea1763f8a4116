-- Handlers that are added and removed while events are on their way.
local function emitter()
  local handlers = {}
  local self = {}
  function self.on(name, f)
    handlers[name] = handlers[name] or {}
    table.insert(handlers[name], f)
    return function()
      for i, h in ipairs(handlers[name]) do
        if h == f then table.remove(handlers[name], i) return true end
      end
      return false
    end
  end
  function self.once(name, f)
    local off
    off = self.on(name, function(...) off() return f(...) end)
    return off
  end
  function self.emit(name, ...)
    local list = table.move(handlers[name] or {}, 1, #(handlers[name] or {}), 1, {})
    local results = {}
    for i, h in ipairs(list) do
      local r = table.pack(pcall(h, ...))
      results[i] = r[1] and tostring(r[2]) or "error: " .. r[2]
    end
    return table.concat(results, ", ")
  end
  return self
end
local e = emitter()
local off_a = e.on("tick", function(n) return "a" .. n end)
e.once("tick", function(n) return "once" .. n end)
e.on("tick", function(n) if n == 2 then error("no twos", 0) end return "b" .. n end)
print(e.emit("tick", 1)) -- expect: a1, once1, b1
print(e.emit("tick", 2)) -- expect: a2, error: no twos
print(off_a(), off_a(), e.emit("tick", 3)) -- expect: true false b3
e.on("tick", function(n)
  e.on("tick", function() return "added at " .. n end)
  return "adder"
end)
print(e.emit("tick", 4)) -- expect: b4, adder
print(e.emit("tick", 5)) -- expect: b5, adder, added at 4
print(e.emit("nothing") == "") -- expect: true
-- Waiting for events in coroutines.
local log = {}
local function wait(name)
  local me = coroutine.running()
  e.once(name, function(...) return select(2, assert(coroutine.resume(me, ...))) end)
  return coroutine.yield("waiting")
end
local co = coroutine.create(function()
  for _ = 1, 2 do log[#log + 1] = wait("signal") end
  return "finished"
end)
coroutine.resume(co)
print(e.emit("signal", "s1")) -- expect: waiting
print(e.emit("signal", "s2")) -- expect: finished
print(table.concat(log, " "), coroutine.status(co)) -- expect: s1 s2 dead
