-- modes: plain trip:101 stress fail -- ten thousand safepoints
-- A call in tail position needs no stack, through every kind of callee.
local function loop(n, acc)
  if n == 0 then return acc end
  return loop(n - 1, acc + 1)
end
print(loop(10000, 0)) -- expect: 10000

local even, odd
function even(n) if n == 0 then return true end return odd(n - 1) end
function odd(n) if n == 0 then return false end return even(n - 1) end
print(even(3001), odd(3001)) -- expect: false true

local callable = setmetatable({}, {__call = function(self, n, acc)
  if n == 0 then return acc end
  return self(n - 1, acc + 2)
end})
print(callable(1000, 0)) -- expect: 2000

local object = {}
function object:down(n) if n == 0 then return "bottom" end return self:down(n - 1) end
print(object:down(1000)) -- expect: bottom

-- Varargs grow and shrink across tail calls.
local function spread(n, ...)
  if n == 0 then return select("#", ...) end
  return spread(n - 1, n, ...)
end
print(spread(100)) -- expect: 100
local function shrink(...)
  if select("#", ...) == 1 then return ... end
  return shrink(select(2, ...))
end
print(shrink(table.unpack({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}))) -- expect: 10

-- Tail calls of builtins, of pcall, and results adjusted by the caller.
local function to_builtin(s) return string.rep(s, 3, "-") end
print(to_builtin("x")) -- expect: x-x-x
local function to_pcall(f, ...) return pcall(f, ...) end
print(to_pcall(error, "e", 0)) -- expect: false e
local a, b, c = (function() return table.unpack({1, 2, 3}) end)()
print(a, b, c) -- expect: 1 2 3
-- With parentheses it is no tail call, and one result only.
local function adjusted() return (table.unpack({1, 2})) end
print(adjusted()) -- expect: 1
-- Open upvalues of the frame that is replaced are closed.
local function maker(n)
  local function get() return n end
  n = n + 1
  return (function(g) return g() end)(get)
end
print(maker(41)) -- expect: 42
