local text = string.rep("a", 1000000)
local n = 0
while true do
  n = n + 1
  local key = text .. n
  local t = { [key] = n }
  local _ = t[key]
end
