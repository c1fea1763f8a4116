local text = string.rep("a", 1000000)
local needle = string.rep("a", 5000) .. "b"
while true do string.find(text, needle, 1, true) end
