-- Closures that exist but have not run yet while their variables still live on the stack.
local function later()
  local x = 1
  local f = function() x = x + 1; return x end
  local g = function() return x * 100 end
  for i = 1, 3 do x = x + i end
  local first = f()
  x = x * 2
  return f, g, first, x
end
local f, g, first, x = later()
print(first, x, f(), g()) -- expect: 8 16 17 1700

-- In the middle of a loop with writes from both sides.
local total, adders = 0, {}
for i = 1, 4 do
  local own = 0
  adders[i] = function(n) own = own + n; total = total + n; return own end
  own = own + i
  for j = 1, i do adders[j](j) end
end
print(total, adders[1](0), adders[2](0), adders[4](0)) -- expect: 20 5 8 8

-- Stored while its coroutine is suspended: called from outside.
local saved
local co = coroutine.wrap(function()
  local state = "start"
  saved = function(new) local old = state; state = new; return old end
  while state ~= "stop" do
    local seen = state
    for _ = 1, 2 do seen = seen .. "." end
    coroutine.yield(seen)
  end
  return "stopped"
end)
print(co()) -- expect: start..
print(saved("middle"), co()) -- expect: start middle..
print(saved("stop"), co(), saved("after"), saved("end")) -- expect: middle stopped stop after

-- Variables shared between two closures and the frame, through three depths of calls.
local function frame()
  local shared = {}
  local n = 0
  local function push(v) n = n + 1; shared[n] = v; return n end
  local function deeper(level)
    if level == 0 then return push("bottom") end
    local here = push("down" .. level)
    local below = deeper(level - 1)
    push("up" .. level)
    return here + below
  end
  local r = deeper(3)
  return r, n, table.concat(shared, " ")
end
print(frame()) -- expect: 10 7 down3 down2 down1 bottom up1 up2 up3
