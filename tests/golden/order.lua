-- golden: command 2
-- Records, closures that share a variable, an error that is caught, a Command in the middle.
local total = 0
local function adder(unit)
  return function(count)
    total = total + count * unit
    return total
  end
end
local Item = {}
Item.__index = Item
function Item.new(name, price) return setmetatable({name = name, price = price}, Item) end
function Item:label() return self.name .. " at " .. self.price end

return {main = function()
  local items = {Item.new("tea", 3), Item.new("cake", 2.5)}
  local add = {adder(items[1].price), adder(items[2].price)}
  local log = {}
  for n, item in ipairs(items) do
    local count = sys.invoke("count", {item = item.name})
    log[#log + 1] = item:label() .. " x " .. count .. " = " .. add[n](count)
  end
  local ok, message = pcall(error, {reason = "sold out"})
  log.ok, log.reason = ok, message.reason
  return log[1], log[2], log.ok, log.reason, total
end}
