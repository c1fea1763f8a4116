local text = string.rep("A", 4000000)
while true do string.lower(text) end
