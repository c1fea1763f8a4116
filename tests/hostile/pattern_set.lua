local text = string.rep("a", 100000)
local pattern = "[" .. string.rep("b", 4000) .. "]"
while true do string.find(text, pattern) end
