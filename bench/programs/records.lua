-- A small data base in memory: records with fields, indices, joins, groups and orders.
--
-- group: hash tables
-- small: 1000

local size = tonumber((...)) or 50000

local seed = 123
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local cities = {"Aarhus", "Bergen", "Cork", "Dresden", "Espoo", "Faro", "Gent"}
local products = {"lamp", "chair", "table", "shelf", "clock"}

local function customers(n)
  local list = {}
  for id = 1, n do
    list[id] = {id = id, name = "customer " .. id, city = cities[random(#cities)], age = 17 + random(60)}
  end
  return list
end

local function orders(n, customer_count)
  local list = {}
  for id = 1, n do
    list[id] = {
      id = 100000 + id,
      customer = random(customer_count),
      product = products[random(#products)],
      amount = random(9),
      price = random(500),
      paid = random(3) > 1,
    }
  end
  return list
end

local function where(list, condition)
  local result = {}
  for _, record in ipairs(list) do
    if condition(record) then
      result[#result + 1] = record
    end
  end
  return result
end

local function index_by(list, field)
  local index = {}
  for _, record in ipairs(list) do
    index[record[field]] = record
  end
  return index
end

local function group_by(list, field)
  local groups = {}
  for _, record in ipairs(list) do
    local key = record[field]
    local group = groups[key]
    if group then
      group[#group + 1] = record
    else
      groups[key] = {record}
    end
  end
  return groups
end

-- A record of both sides' fields for each order.
local function join(left, field, right)
  local result = {}
  for i, record in ipairs(left) do
    local joined = {}
    for name, value in pairs(right[record[field]]) do
      joined[name] = value
    end
    for name, value in pairs(record) do
      joined[name] = value
    end
    result[i] = joined
  end
  return result
end

local function order_by(list, ...)
  local fields = {...}
  table.sort(list, function(a, b)
    for _, field in ipairs(fields) do
      if a[field] ~= b[field] then
        return a[field] < b[field]
      end
    end
    return a.id < b.id
  end)
  return list
end

local function sum(list, f)
  local total = 0
  for i = 1, #list do
    total = total + f(list[i])
  end
  return total
end

local function worth(order)
  return order.amount * order.price
end

local buyers = customers(math.max(10, math.floor(size / 10)))
local sales = orders(size, #buyers)
local total = sum(sales, worth)

local paid = where(sales, function(order) return order.paid end)
local open = where(sales, function(order) return not order.paid end)
assert(#paid + #open == size and sum(paid, worth) + sum(open, worth) == total, "paid and open")

local joined = join(sales, "customer", index_by(buyers, "id"))
local by_city = group_by(joined, "city")
local in_cities, report = 0, {}
for city, group in pairs(by_city) do
  local turnover = sum(group, worth)
  in_cities = in_cities + turnover
  report[#report + 1] = {id = city, turnover = turnover, orders = #group}
end
assert(in_cities == total, "cities")
order_by(report, "turnover")

local by_customer = group_by(sales, "customer")
local best, most = nil, -1
for _, buyer in ipairs(buyers) do
  local bought = by_customer[buyer.id]
  buyer.turnover = bought and sum(bought, worth) or 0
  if buyer.turnover > most then
    best, most = buyer, buyer.turnover
  end
end
assert(sum(buyers, function(buyer) return buyer.turnover end) == total, "customers")

order_by(joined, "city", "product", "price")
for i = 2, #joined do
  local a, b = joined[i - 1], joined[i]
  assert(a.city < b.city or a.city == b.city and
         (a.product < b.product or a.product == b.product and a.price <= b.price), "order")
end

-- Payments take records away.
local unpaid = index_by(open, "id")
local payments = 0
for id in pairs(unpaid) do
  unpaid[id] = nil
  payments = payments + 1
end
assert(payments == #open and next(unpaid) == nil, "payments")

if size == 50000 then
  assert(total == 62567772 and report[1].id == "Bergen" and best.id == 4145, "figures")
end
