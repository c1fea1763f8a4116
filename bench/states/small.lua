-- A small object with a state: two tables, a log, a counter, and functions over them. `touch`
-- changes a little and then waits for its host three calls deep; `write` changes each table.
local count = 0
local goods = {rope = 1, torch = 3, apple = 4}
local place = {x = 10.5, y = 20.5, z = 30.5}
local log = {}

local function note(n)
  count = count + n
  log[#log + 1] = "note " .. n
  return sys.invoke("wait", count)
end

local function go(steps)
  local sum = 0
  for i = 1, steps do
    sum = sum + i
    note(i)
    place.x = place.x + 0.25
  end
  return sum
end

return {
  handlers = {
    touch = sys.export(function(who)
      goods.apple = goods.apple - 1
      return go(3)
    end),
    write = sys.export(function()
      goods.apple = goods.apple + 1
      place.y = place.y + 1
      log[#log + 1] = "written"
      return count
    end),
  },
}
