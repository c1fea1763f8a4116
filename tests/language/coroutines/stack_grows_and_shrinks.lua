-- modes: plain trip:101 stress fail -- a deep stack at each of thousands of safepoints
-- A coroutine whose stack grew to thousands of slots and is nearly empty again.
local co = coroutine.wrap(function()
  local function down(n)
    if n == 0 then return coroutine.yield("deep") end
    local a, b, c = n, n + 1, n + 2
    local r = down(n - 1)
    return r + a - b - c + c + 1
  end
  local x = down(800)
  coroutine.yield("shallow " .. x)
  local function wide(...) return select("#", ...), coroutine.yield("wide") end
  local t = {}
  for i = 1, 200 do t[i] = i end
  local n, back = wide(table.unpack(t))
  return n, back
end)
print(co()) -- expect: deep
collectgarbage()
print(co(5)) -- expect: shallow 5
collectgarbage()
print(co()) -- expect: wide
print(co("b")) -- expect: 200 b
