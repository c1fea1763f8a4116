local text = string.rep("ab", 4000000)
while true do string.sub(text, 2, -2) end
