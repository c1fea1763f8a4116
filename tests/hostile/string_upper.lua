local text = string.rep("a", 4000000)
while true do string.upper(text) end
