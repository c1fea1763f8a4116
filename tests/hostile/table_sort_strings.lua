local t = {}
local text = string.rep("a", 50000)
for n = 1, 300 do t[n] = text .. n % 7 end
while true do table.sort(t) end
