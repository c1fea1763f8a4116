-- A chain of 1,900 tables, each looked into.
local first = {}
local last = first
for _ = 1, 1900 do
  local next_one = {}
  setmetatable(last, { __index = next_one })
  last = next_one
end
while true do local _ = first[1] end
