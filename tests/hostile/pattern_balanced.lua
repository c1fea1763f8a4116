local text = string.rep("(", 100000)
while true do string.find(text, "%b()") end
