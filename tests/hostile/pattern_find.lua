local text = string.rep("a", 40)
local pattern = string.rep("a?", 40) .. string.rep("a", 40) .. "b"
while true do string.find(text, pattern) end
