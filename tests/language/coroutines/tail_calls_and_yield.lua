-- Yield in tail position, tail calls between yields, and resume in tail position.
local function forward(...) return coroutine.yield(...) end
local co = coroutine.wrap(function(...)
  local a, b = forward(...)
  local function loop(n, acc)
    if n == 0 then return "sum", acc end
    return loop(n - 1, acc + coroutine.yield(n))
  end
  coroutine.yield(a, b)
  return loop(3, 0)
end)
print(co("x", "y", "z")) -- expect: x y z
print(co(1, 2)) -- expect: 1 2
print(co(), co(10), co(20)) -- expect: 3 2 1
print(co(30)) -- expect: sum 60
local inner = coroutine.create(function(a) local b = coroutine.yield(a * 2) return b * 3, "r" end)
local function resume_tail(...) return coroutine.resume(inner, ...) end
print(resume_tail(5)) -- expect: true 10
print(resume_tail(7)) -- expect: true 21 r
print(resume_tail()) -- expect: false cannot resume dead coroutine
-- A method call on the result of a yield, and a yield as the receiver.
local m = coroutine.wrap(function()
  local r = coroutine.yield():upper()
  return (coroutine.yield(r)).field
end)
m()
print(m("text")) -- expect: TEXT
print(m({field = "value"})) -- expect: value
