-- What resume and wrap say when nothing can be resumed.
local co = coroutine.create(function() end)
coroutine.resume(co)
print(coroutine.resume(co)) -- expect: false cannot resume dead coroutine
print(pcall(coroutine.wrap(function() end))) -- expect: true
local dead = coroutine.wrap(function() end)
dead()
print((select(2, pcall(dead)):gsub("^.-:%d+: ", ""))) -- expect: cannot resume dead coroutine
local self
self = coroutine.create(function() return coroutine.resume(self) end)
print(coroutine.resume(self)) -- expect: true false cannot resume non-suspended coroutine
local w
w = coroutine.wrap(function() return w() end)
print((select(2, pcall(w)):gsub("^.-:%d+: ", ""))) -- expect: cannot resume non-suspended coroutine
local outer = coroutine.create(function(me)
  return coroutine.resume(coroutine.create(function() return coroutine.resume(me) end))
end)
print(coroutine.resume(outer, outer))
-- expect: true true false cannot resume non-suspended coroutine
print(pcall(coroutine.yield)) -- expect: false attempt to yield from outside a coroutine
local failed = coroutine.create(function() local t = nil; t.x = 1 end)
local ok, message = coroutine.resume(failed)
print(ok, (message:gsub("^.-:%d+: ", ""))) -- expect: false attempt to index a nil value (local 't')
print(coroutine.resume(failed)) -- expect: false cannot resume dead coroutine
print(debug.traceback(failed):match("in function") ~= nil) -- expect: true
print(pcall(coroutine.wrap, nil))
-- expect: false bad argument #1 to 'coroutine.wrap' (function expected, got nil)
print(pcall(coroutine.close))
-- expect: false bad argument #1 to 'coroutine.close' (thread expected, got no value)
print(pcall(coroutine.isyieldable, 5))
-- expect: false bad argument #1 to 'coroutine.isyieldable' (thread expected, got number)
