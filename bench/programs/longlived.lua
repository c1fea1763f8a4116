-- A large heap that lives on, in which little changes, while garbage of all sizes is made.
--
-- group: collector
-- small: 2000

local size = tonumber((...)) or 45000

local seed = 3
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function make_account(id)
  return {
    id = id,
    owner = {name = "owner " .. id, address = {street = id % 100, city = id % 7}},
    history = {0, 0, 0, 0},
    balance = 1000,
  }
end

local function make_bank(n)
  local accounts, by_name = {}, {}
  for id = 1, n do
    local account = make_account(id)
    accounts[id] = account
    by_name[account.owner.name] = account
  end
  return {accounts = accounts, by_name = by_name, count = n}
end

-- A transfer makes a few objects, of which one stays.
local function transfer(bank, from_id, to_id, amount)
  local request = {from = "owner " .. from_id, to = "owner " .. to_id, amount = amount}
  local from, to = bank.by_name[request.from], bank.by_name[request.to]
  local changes = {{account = from, by = -request.amount}, {account = to, by = request.amount}}
  for _, change in ipairs(changes) do
    local account = change.account
    account.balance = account.balance + change.by
    local history = {change.by}
    for i = 1, 3 do
      history[i + 1] = account.history[i]
    end
    account.history = history
  end
  return #changes
end

-- Now and then an account is closed and a new one takes its place.
local function replace(bank, id)
  local old = bank.accounts[id]
  local new = make_account(id)
  new.balance = old.balance
  bank.accounts[id] = new
  bank.by_name[new.owner.name] = new
end

local function statement(bank, first)
  local lines = {}
  for id = first, math.min(first + 20, bank.count) do
    local account = bank.accounts[id]
    lines[#lines + 1] = account.owner.name .. ": " .. account.balance
  end
  return table.concat(lines, "\n")
end

local count = math.max(100, math.floor(size / 2))
local bank = make_bank(count)
local changes, letters = 0, 0
for i = 1, size do
  changes = changes + transfer(bank, random(count), random(count), random(100))
  if i % 10 == 0 then
    replace(bank, random(count))
  end
  if i % 100 == 0 then
    letters = letters + #statement(bank, random(count))
  end
end

local total, moved = 0, 0
for id, account in ipairs(bank.accounts) do
  total = total + account.balance
  moved = moved + #account.history
  assert(account.id == id and bank.by_name[account.owner.name] == account, "account")
end
assert(total == 1000 * count and changes == 2 * size and moved == 4 * count, "total")
if size == 45000 then
  assert(letters == 161639, "statements")
end
