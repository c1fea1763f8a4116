local kept = {}
local n = 0
while true do
  n = n + 1
  kept[n % 300000 + 1] = "text" .. n
end
