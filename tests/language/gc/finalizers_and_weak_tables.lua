-- Values are removed from weak tables before finalizers run, keys after.
local seen
local keys = setmetatable({}, {__mode = "k"})
local values = setmetatable({}, {__mode = "v"})
local function make()
  local o = setmetatable({}, {__gc = function(o)
    seen = {key = keys[o], value = values.o}
  end})
  keys[o], values.o = "attached", o
  return {o}
end
local held = make()
print(next(keys) ~= nil, values.o ~= nil) -- expect: true true
held = nil
collectgarbage()
print(seen.key, seen.value) -- expect: attached nil
collectgarbage()
print(next(keys), next(values)) -- expect: nil nil
-- An object reachable only from a finalizable object is whole when the finalizer runs.
local text
local function chain()
  local tail = {"tail"}
  setmetatable({{tail}}, {__gc = function(o) text = o[1][1][1] end})
end
chain()
collectgarbage()
print(text) -- expect: tail
-- A finalizer creates an object with a finalizer: it runs in a later collection.
local generations = 0
local function spawn()
  setmetatable({}, {__gc = function()
    generations = generations + 1
    if generations < 3 then spawn() end
  end})
end
spawn()
for _ = 1, 5 do collectgarbage() end
print(generations) -- expect: 3
-- Finalizers may collect.
local nested = 0
local function collecting()
  setmetatable({}, {__gc = function() collectgarbage() nested = nested + 1 end})
end
collecting()
collecting()
collectgarbage()
print(nested) -- expect: 2
