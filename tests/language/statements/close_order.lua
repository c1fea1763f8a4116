-- <close> variables are closed in reverse order, however the block is left.
local log = {}
local function closing(name)
  return setmetatable({name = name}, {__close = function(self, err)
    log[#log + 1] = self.name .. (err == nil and "" or "!")
  end})
end
local function show(...)
  print(table.concat(log, " "), ...)
  log = {}
end

do
  local a <close> = closing("a")
  local b <close> = closing("b")
  local c <close> = nil
  local d <close> = false
  log[#log + 1] = "body"
end
show() -- expect: body b a

for i = 1, 3 do
  local v <close> = closing("v" .. i)
  if i == 2 then break end
end
show() -- expect: v1 v2

local function returns()
  local a <close> = closing("a")
  local b <close> = closing("b")
  return "value", #log
end
show(returns()) -- expect: b a value 0

local i = 0
repeat
  i = i + 1
  local v <close> = closing("r" .. i)
until i == 2
show() -- expect: r1 r2

do
  local i = 1
  ::again::
  do
    local v <close> = closing("g" .. i)
    i = i + 1
    if i < 4 then goto again end
  end
end
show() -- expect: g1 g2 g3

print(pcall(function()
  local a <close> = closing("a")
  local b <close> = closing("b")
  error("thrown", 0)
end)) -- expect: false thrown
show() -- expect: b! a!

-- The results are computed before the variables are closed.
local function order()
  local n = 1
  local v <close> = setmetatable({}, {__close = function() n = 100 end})
  return n
end
print(order()) -- expect: 1

-- A loop that goes on to the next iteration closes the last one's variable first.
for i = 1, 2 do
  local v <close> = closing("i" .. i)
  log[#log + 1] = "in" .. i
end
show() -- expect: in1 i1 in2 i2
