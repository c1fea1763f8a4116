-- A chain of 750 tables, each looked into.
local first = {}
local last = first
for _ = 1, 750 do
  local next_one = {}
  setmetatable(last, { __index = next_one })
  last = next_one
end
while true do local _ = first[1] end
