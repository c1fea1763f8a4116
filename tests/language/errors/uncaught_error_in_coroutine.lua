-- wrap passes errors on; what arrives in the main program ends it.
local step = coroutine.wrap(function()
  print("first")
  coroutine.yield()
  print("second")
  error("inside the coroutine")
end)
step() -- expect: first
step() -- expect: second
print("never")
-- expect error: inside the coroutine
