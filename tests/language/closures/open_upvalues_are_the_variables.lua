-- While the function runs, variable and upvalue are one thing, seen from both sides.
local x = 1
local function get() return x end
local function set(v) x = v end
x = 2
print(get()) -- expect: 2
set(3)
print(x, get()) -- expect: 3 3
x = x + 1; set(get() + 1)
print(x) -- expect: 5

-- Through a call that writes while an expression is being evaluated.
local y = 10
local function change() y = y + 1; return y end
print(y + change() + y) -- expect: 33
local t = {y, change(), y}
print(t[1], t[2], t[3]) -- expect: 11 12 12

-- Between a generator and its consumer.
local log = {}
local current
local co = coroutine.wrap(function()
  for i = 1, 3 do
    current = i
    local seen = coroutine.yield()
    log[#log + 1] = seen
  end
end)
co()
co(current * 10)
current = "replaced"
co(current)
print(log[1], log[2], current) -- expect: 10 replaced 3

-- A local of a suspended coroutine, written from outside while it sleeps.
local write, read
local sleeper = coroutine.create(function()
  local inside = "a"
  write = function(v) inside = v end
  read = function() return inside end
  while true do
    local got = coroutine.yield(inside)
    inside = inside .. got
  end
end)
print(select(2, coroutine.resume(sleeper))) -- expect: a
write("b")
print(select(2, coroutine.resume(sleeper, "+"))) -- expect: b+
print(read()) -- expect: b+
write("c")
print(read(), select(2, coroutine.resume(sleeper, "-"))) -- expect: c c-
coroutine.close(sleeper)
write(read() .. " after close")
print(read()) -- expect: c- after close
