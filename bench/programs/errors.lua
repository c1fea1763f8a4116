-- Errors as part of the normal course: validation that raises tables and texts, handlers that add
-- what they know, retries, and clean-up that must happen.
--
-- group: calls
-- small: 6000

local size = tonumber((...)) or 350000

local ValidationError = {}
ValidationError.__index = ValidationError
ValidationError.__tostring = function(self)
  return self.field .. ": " .. self.reason
end

local function invalid(field, reason)
  error(setmetatable({field = field, reason = reason}, ValidationError))
end

local function check_name(order)
  if type(order.name) ~= "string" or #order.name == 0 then
    invalid("name", "is missing")
  end
end

local function check_amount(order)
  local amount = order.amount
  if amount <= 0 then
    invalid("amount", "must be positive")
  elseif amount > 90 then
    invalid("amount", "is more than there is")
  end
end

local checks = {check_name, check_amount}

local function validate(order)
  for _, check in ipairs(checks) do
    check(order)
  end
  return order.amount * order.price
end

-- Arithmetic on a nil field raises, too: orders without a price get here.
local function price_of(order)
  local ok, result = pcall(validate, order)
  if ok then
    return result
  elseif getmetatable(result) == ValidationError then
    return nil, tostring(result)
  end
  return nil, "internal"
end

local open_files = 0

-- Calls f with a resource, which is given back whatever happens.
local function with_resource(f, ...)
  open_files = open_files + 1
  local ok, result = pcall(f, ...)
  open_files = open_files - 1
  if not ok then
    error(result, 0)
  end
  return result
end

local attempts = 0

local function unreliable(n)
  attempts = attempts + 1
  if attempts % 3 ~= 0 then
    error("try again", 0)
  end
  return n * 2
end

local function retry(times, f, ...)
  local ok, result
  for _ = 1, times do
    ok, result = pcall(f, ...)
    if ok then
      return result
    end
  end
  error(result, 0)
end

local function handler(message)
  return "handled " .. tostring(message)
end

local names = {"bolt", "", "nut", "gear"}
local accepted, refused, internal, sum = 0, {}, 0, 0
for i = 1, size do
  local order = {name = names[i % 4 + 1], amount = i % 101 - 3, price = i % 10 > 0 and i % 10 or nil}
  local price, reason = price_of(order)
  if price then
    accepted = accepted + 1
    sum = sum + price
  elseif reason == "internal" then
    internal = internal + 1
  else
    refused[reason] = (refused[reason] or 0) + 1
  end

  if i % 4 == 0 then
    assert(retry(3, unreliable, i) == 2 * i, "retry")
    local ok, message = pcall(with_resource, function(n)
      return with_resource(unreliable, n)
    end, i)
    assert(not ok and message == "try again", "clean-up")
    attempts = 0
    ok, message = xpcall(invalid, handler, "x", "y")
    assert(not ok and message == "handled x: y", "handler")
  end
end

assert(open_files == 0, "resources")
local total = accepted + internal
for _, n in pairs(refused) do
  total = total + n
end
assert(total == size, "every order has one end")
if size == 350000 then
  assert(accepted == 202722 and internal == 31189 and sum == 46115062, "ends")
  assert(refused["name: is missing"] == 87500, "names")
end
