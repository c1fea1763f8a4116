-- Coroutines that nobody refers to any more are collected with all they hold.
local released = {}
local weak = setmetatable({}, {__mode = "v"})
local function start(name)
  local co = coroutine.create(function()
    local held = setmetatable({}, {__gc = function() released[#released + 1] = name end})
    coroutine.yield(held)
    return held
  end)
  coroutine.resume(co)
  weak[name] = co
  return co
end
do
  local function scope()
    start("dropped")
    local cycle = start("cycle")
    weak[1] = {cycle}
  end
  scope()
end
local kept = start("kept")
collectgarbage()
collectgarbage()
table.sort(released)
print(table.concat(released, " "), weak.dropped, weak.kept == kept)
-- expect: cycle dropped nil true
-- A pending variable of a dropped coroutine is not closed.
local closed = false
local function pending()
  local co = coroutine.wrap(function()
    local v <close> = setmetatable({}, {__close = function() closed = true end})
    coroutine.yield()
  end)
  co()
end
pending()
collectgarbage()
print(closed) -- expect: false
-- A coroutine that refers to itself only.
local function selfish()
  local co
  co = coroutine.create(function()
    local me = co
    local v = setmetatable({}, {__gc = function() released[#released + 1] = "selfish" end})
    coroutine.yield(me, v)
  end)
  coroutine.resume(co)
end
selfish()
collectgarbage()
print(released[#released]) -- expect: selfish
kept = nil
collectgarbage()
print(released[#released]) -- expect: kept
