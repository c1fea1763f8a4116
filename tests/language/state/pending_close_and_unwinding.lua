-- Stops while <close> variables are pending and while errors are on their way through them.
local log = {}
local function work() local n = 0 for i = 1, 4 do n = n + i end return n end
local function closing(name, action)
  return setmetatable({}, {__close = function(_, err)
    work()
    log[#log + 1] = name .. (err and ":" .. err:gsub("^.-:%d+: ", "") or "")
    if action then action(err) end
  end})
end
local function show(...)
  print(table.concat(log, " "), ...)
  log = {}
end
-- Normal way out, with work in the handlers and in between.
local function normal()
  local a <close> = closing("a")
  work()
  local b <close> = closing("b")
  for i = 1, 2 do local c <close> = closing("c" .. i) work() end
  return work(), "result"
end
show(normal()) -- expect: c1 c2 b a 10 result
-- An error on its way through four of them, two replace it, one yields.
local co = coroutine.create(function()
  local ok, e = pcall(function()
    local w <close> = closing("w")
    local x <close> = closing("x", function() error("x failed", 0) end)
    local y <close> = closing("y", function(err) coroutine.yield("paused with " .. err) work() end)
    local z <close> = closing("z", function() error("z failed", 0) end)
    work()
    error("first", 0)
  end)
  return ok, e
end)
print(select(2, coroutine.resume(co))) -- expect: paused with z failed
show("so far") -- expect: z:first y:z failed so far
print(select(2, coroutine.resume(co))) -- expect: false x failed
show("at last") -- expect: x:z failed w:x failed at last
-- A coroutine is closed whose variables work and fail.
co = coroutine.create(function()
  local p <close> = closing("p")
  local q <close> = closing("q", function() local t = nil; return t.x end)
  coroutine.yield()
end)
coroutine.resume(co)
local ok, e = coroutine.close(co)
show(ok, (e:gsub("^.-:%d+: ", "")))
-- expect: q p:attempt to index a nil value (local 't') false attempt to index a nil value (local 't')
-- In a loop with break, goto and return at the same time.
local function loops()
  for i = 1, 5 do
    local v <close> = closing("v" .. i)
    if i == 2 then goto continue end
    if i == 4 then return "returned at " .. i end
    work()
    ::continue::
  end
end
show(loops()) -- expect: v1 v2 v3 v4 returned at 4
