-- coroutine.close ends a suspended coroutine and closes its pending variables.
local function closing(name, fail)
  return setmetatable({}, {__close = function(_, err)
    print("close " .. name, err)
    if fail then error("failed " .. name, 0) end
  end})
end
local co = coroutine.create(function()
  local a <close> = closing("a")
  local b <close> = closing("b")
  coroutine.yield("paused")
  print("never")
end)
coroutine.resume(co)
print(coroutine.close(co))
-- expect: close b nil
-- expect: close a nil
-- expect: true
print(coroutine.status(co), coroutine.resume(co)) -- expect: dead false cannot resume dead coroutine
-- Closing a fresh, a dead, and a failed coroutine.
print(coroutine.close(coroutine.create(print)), coroutine.close(co)) -- expect: true true
local failed = coroutine.create(error)
coroutine.resume(failed, "reason")
print(coroutine.close(failed)) -- expect: false reason
print(coroutine.close(failed)) -- expect: true
-- An error in __close is the result.
co = coroutine.create(function()
  local a <close> = closing("x")
  local b <close> = closing("y", true)
  pcall(coroutine.yield)
end)
coroutine.resume(co)
print(coroutine.close(co))
-- expect: close y nil
-- expect: close x failed y
-- expect: false failed y
print(coroutine.status(co), coroutine.close(co)) -- expect: dead true
-- Neither itself nor one that waits for another can be closed.
co = coroutine.create(function() return pcall(coroutine.close, coroutine.running()) end)
print(coroutine.resume(co)) -- expect: true false cannot close a running coroutine
local outer
outer = coroutine.wrap(function()
  local me = coroutine.running()
  return coroutine.wrap(function() return pcall(coroutine.close, me) end)()
end)
print(outer()) -- expect: false cannot close a normal coroutine
print(pcall(coroutine.close, coroutine.running())) -- expect: false cannot close a running coroutine
print(pcall(coroutine.close, print))
-- expect: false bad argument #1 to 'coroutine.close' (thread expected, got function)
-- Closing from inside of a loop over it: the variables of all levels.
co = coroutine.create(function()
  local function level(n)
    local v <close> = closing(n)
    if n == 3 then coroutine.yield() end
    level(n + 1)
  end
  level(1)
end)
coroutine.resume(co)
print(coroutine.close(co))
-- expect: close 3 nil
-- expect: close 2 nil
-- expect: close 1 nil
-- expect: true
-- wrap closes its coroutine when it fails.
print(pcall(coroutine.wrap(function()
  local v <close> = closing("wrapped")
  error("e", 0)
end)))
-- expect: close wrapped e
-- expect: false e
