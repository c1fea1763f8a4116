-- Functions that refer to themselves or to each other through upvalues and fields.
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(fib(12)) -- expect: 144

local is_even, is_odd
is_even = function(n) if n == 0 then return true end return is_odd(n - 1) end
is_odd = function(n) if n == 0 then return false end return is_even(n - 1) end
print(is_even(20), is_odd(7)) -- expect: true true

-- A closure that returns itself, and one that holds itself in an upvalue.
local function itself() return itself end
print(itself()()() == itself) -- expect: true
local function maker()
  local me
  me = function(n) if n == 0 then return me end return me(n - 1) end
  return me
end
local m = maker()
print(m(5) == m, maker() == m) -- expect: true false

-- The fixed point combinator.
local Y = function(f)
  return (function(g) return g(g) end)(function(g)
    return f(function(...) return g(g)(...) end)
  end)
end
print(Y(function(self) return function(n) return n == 0 and 1 or n * self(n - 1) end end)(8))
-- expect: 40320

-- Redirecting the recursion by assigning to the variable.
local function down(n) if n == 0 then return "plain" end return down(n - 1) end
local old = down
down = function(n) return "wrapped " .. n end
print(old(3)) -- expect: wrapped 2
print(old(0)) -- expect: plain
-- Recursion that builds a list of closures on the way back.
local function build(n)
  if n == 0 then return {} end
  local list = build(n - 1)
  list[n] = function() n = n + 1; return n end
  return list
end
local list = build(4)
print(list[1](), list[1](), list[4](), list[2]()) -- expect: 2 3 5 3
-- Mutual recursion through a table that is an upvalue.
local ops = {}
function ops.ping(n) return n == 0 and "ping" or ops.pong(n - 1) end
function ops.pong(n) return n == 0 and "pong" or ops.ping(n - 1) end
print(ops.ping(4), ops.ping(5)) -- expect: ping pong
