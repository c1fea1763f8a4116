-- Functions with any number of arguments and results: packing, selecting, forwarding, and calls at
-- the end of functions.
--
-- group: calls
-- small: 4000

local size = tonumber((...)) or 200000
local unpack = table.unpack or unpack
local select = select

local function sum(...)
  local total = 0
  for i = 1, select("#", ...) do
    total = total + (select(i, ...))
  end
  return total
end

local function largest(first, ...)
  for _, x in ipairs({...}) do
    if x > first then
      first = x
    end
  end
  return first
end

local function count(...)
  return select("#", ...)
end

-- The results of f in reverse order, by recursion over the arguments.
local function reverse(first, ...)
  if select("#", ...) == 0 then
    return first
  end
  local rest = {reverse(...)}
  rest[#rest + 1] = first
  return unpack(rest)
end

local function bind(f, ...)
  local bound = {...}
  local n = select("#", ...)
  if n == 1 then
    local a = bound[1]
    return function(...)
      return f(a, ...)
    end
  end
  return function(...)
    local arguments = {unpack(bound, 1, n)}
    for i = 1, select("#", ...) do
      arguments[n + i] = (select(i, ...))
    end
    return f(unpack(arguments))
  end
end

-- Calls each listener with what it was given; gives the number of those that took it.
local function emitter()
  local listeners = {}
  local function on(listener)
    listeners[#listeners + 1] = listener
  end
  local function emit(...)
    local taken = 0
    for i = 1, #listeners do
      if listeners[i](...) then
        taken = taken + 1
      end
    end
    return taken
  end
  return on, emit
end

local function divide(a, b)
  return (a - a % b) / b, a % b
end

local function through(f, ...)
  return f(...)
end

local function minimum_and_maximum(list)
  local low, high = list[1], list[1]
  for i = 2, #list do
    low, high = math.min(low, list[i]), math.max(high, list[i])
  end
  return low, high
end

local on, emit = emitter()
local heard, arguments_heard = 0, 0
on(function(kind, value)
  if kind == "number" then
    heard = heard + value
    return true
  end
end)
on(function(...)
  arguments_heard = arguments_heard + select("#", ...)
  return true
end)
on(function(_, _, third)
  return third
end)

local add_five = bind(sum, 5)
local add_nine = bind(sum, 2, 3, 4)
local expected_heard = 0

for i = 1, size do
  assert(sum(i, 2, 3, 4) == i + 9, "sum")
  assert(largest(3, i % 7, 5, 1) == math.max(5, i % 7), "largest")
  local c, b, a = reverse(i, i + 1, i + 2)
  assert(a == i and b == i + 1 and c == i + 2, "reverse")
  assert(add_five(i, 1) == i + 6 and add_nine(i) == i + 9, "bind")
  local quotient, rest = through(through, divide, i, 7)
  assert(quotient * 7 + rest == i, "through")
  assert(count(divide(9, 2), divide(i, 3)) == 3, "adjustment")
  local taken = emit(i % 2 == 0 and "number" or "text", i, nil, "end")
  assert(taken == (i % 2 == 0 and 2 or 1), "emit")
  if i % 2 == 0 then
    expected_heard = expected_heard + i
  end
  local low, high = minimum_and_maximum({i, divide(i, 5)})
  assert(high == i and low == math.min(math.floor(i / 5), i % 5), "extremes")
end
assert(heard == expected_heard and arguments_heard == 4 * size, "heard")
