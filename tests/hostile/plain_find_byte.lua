local text = string.rep("a", 8000000)
while true do string.find(text, "b", 1, true) end
