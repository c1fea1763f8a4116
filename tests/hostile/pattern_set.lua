local text = string.rep("a", 100000)
local pattern = "[" .. string.rep("b", 2000) .. "]"
while true do string.find(text, pattern) end
