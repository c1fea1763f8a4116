-- Functions that make functions: combinators over lists, lazy streams, objects made of closures,
-- and numbers encoded as functions.
--
-- group: calls
-- small: 15

local size = tonumber((...)) or 900

local function compose(f, g)
  return function(x)
    return f(g(x))
  end
end

local function curry(f, a)
  return function(b)
    return f(a, b)
  end
end

local function map(list, f)
  local result = {}
  for i, x in ipairs(list) do
    result[i] = f(x)
  end
  return result
end

local function filter(list, accepts)
  local result = {}
  for _, x in ipairs(list) do
    if accepts(x) then
      result[#result + 1] = x
    end
  end
  return result
end

local function fold(list, f, accumulator)
  for i = 1, #list do
    accumulator = f(accumulator, list[i])
  end
  return accumulator
end

local function range(first, last)
  local list = {}
  for i = first, last do
    list[#list + 1] = i
  end
  return list
end

local function add(a, b)
  return a + b
end

local function multiply(a, b)
  return a * b
end

local function lists(n)
  local triple_and_one = compose(curry(add, 1), curry(multiply, 3))
  local list = map(range(1, n), triple_and_one)
  local even = filter(list, function(x)
    return x % 2 == 0
  end)
  return fold(even, add, 0)
end

-- A stream is its first element and a function that gives the rest.
local function naturals(n)
  return n, function()
    return naturals(n + 1)
  end
end

local function take_while(accepts, head, tail)
  if not accepts(head) then
    return nil
  end
  return head, function()
    return take_while(accepts, tail())
  end
end

local function select_from(accepts, head, tail)
  while head and not accepts(head) do
    head, tail = tail()
  end
  if not head then
    return nil
  end
  return head, function()
    return select_from(accepts, tail())
  end
end

local function sum_of_stream(head, tail)
  local sum = 0
  while head do
    sum = sum + head
    head, tail = tail()
  end
  return sum
end

local function streams(n)
  local function below(x)
    return x < n
  end
  local function is_wanted(x)
    return x % 3 == 0 or x % 5 == 0
  end
  return sum_of_stream(select_from(is_wanted, take_while(below, naturals(1))))
end

-- An account is three closures over one balance.
local function account(balance)
  local entries = 0
  local function deposit(amount)
    balance = balance + amount
    entries = entries + 1
  end
  local function withdraw(amount)
    if amount > balance then
      return false
    end
    balance = balance - amount
    entries = entries + 1
    return true
  end
  local function report()
    return balance, entries
  end
  return deposit, withdraw, report
end

local function accounts(n)
  local total, count = 0, 0
  for i = 1, n do
    local deposit, withdraw, report = account(i)
    deposit(10)
    if not withdraw(i + 5) then
      deposit(1)
    end
    withdraw(100)
    local balance, entries = report()
    total, count = total + balance, count + entries
  end
  return total, count
end

-- Church's numerals: n is what applies a function n times.
local function church(n)
  return function(f)
    return function(x)
      for _ = 1, n do
        x = f(x)
      end
      return x
    end
  end
end

local function church_product(a, b)
  return function(f)
    return a(b(f))
  end
end

local function successor(n)
  return n + 1
end

for _ = 1, size do
  -- 3 i + 1 is even for the odd i: three times 1 + 3 + ... + 999, and 500.
  assert(lists(1000) == 3 * 250000 + 500, "lists")
  assert(streams(1000) == 233168, "streams")
  local total, count = accounts(500)
  assert(total == 5 * 500 and count == 1000, "accounts")
  local product = church_product(church(20), church_product(church(5), church(11)))
  assert(product(successor)(0) == 1100, "numerals")
end
