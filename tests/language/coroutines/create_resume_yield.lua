-- Values go in through resume and out through yield and return.
local co = coroutine.create(function(a, b)
  print("start", a, b)
  local c, d = coroutine.yield(a + b, a * b)
  print("second", c, d)
  local n = select("#", coroutine.yield())
  print("third", n)
  return "done", nil, 3
end)
print(coroutine.status(co), type(co)) -- expect: suspended thread
print(coroutine.resume(co, 2, 3))
-- expect: start 2 3
-- expect: true 5 6
print(coroutine.status(co)) -- expect: suspended
print(coroutine.resume(co, "c", "d"))
-- expect: second c d
-- expect: true
print(coroutine.resume(co, nil, nil, nil))
-- expect: third 3
-- expect: true done nil 3
print(coroutine.status(co)) -- expect: dead
print(coroutine.resume(co)) -- expect: false cannot resume dead coroutine
print(coroutine.resume(co, "again")) -- expect: false cannot resume dead coroutine

-- A function without yield, an empty one, and one that is a builtin.
print(coroutine.resume(coroutine.create(function(...) return select("#", ...) end), 1, 2, 3))
-- expect: true 3
print(coroutine.resume(coroutine.create(function() end))) -- expect: true
print(coroutine.resume(coroutine.create(math.max), 3, 9, 2)) -- expect: true 9
print(coroutine.resume(coroutine.create(print), "printed"))
-- expect: printed
-- expect: true
local y = coroutine.create(coroutine.yield)
print(coroutine.resume(y, 1, 2)) -- expect: true 1 2
print(coroutine.resume(y, 3, 4)) -- expect: true 3 4
print(coroutine.resume(y)) -- expect: false cannot resume dead coroutine

-- Errors end the coroutine and arrive as values.
local bad = coroutine.create(function() error({code = 1}) end)
local ok, e = coroutine.resume(bad)
print(ok, e.code, coroutine.status(bad)) -- expect: false 1 dead
print(coroutine.resume(bad)) -- expect: false cannot resume dead coroutine
print(pcall(coroutine.create, 1))
-- expect: false bad argument #1 to 'coroutine.create' (function expected, got number)
print(pcall(coroutine.resume, 1))
-- expect: false bad argument #1 to 'coroutine.resume' (thread expected, got number)
print(pcall(coroutine.status, nil))
-- expect: false bad argument #1 to 'coroutine.status' (thread expected, got nil)
