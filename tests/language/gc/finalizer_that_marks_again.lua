-- A finalizer that marks its object again is called once more at the next collection: also when each
-- of its own steps is followed by one, a collection that was asked for ends.
local runs = 0
local meta = {}
function meta.__gc(object)
  runs = runs + 1
  local list = {}
  for n = 1, 3 do list[n] = tostring(n) end
  setmetatable(object, meta)
end

setmetatable({}, meta)
for _ = 1, 3 do collectgarbage() end
print(runs >= 3) -- expect: true

local before = runs
collectgarbage()
print(runs > before) -- expect: true

-- One that is marked while another one runs has its turn later.
local order = {}
local function marked(name)
  return setmetatable({name}, {__gc = function(object)
    order[#order + 1] = object[1]
    if #order == 1 then marked("late") end
  end})
end
marked("early")
collectgarbage()
print(order[1]) -- expect: early
collectgarbage()
print(order[2]) -- expect: late
