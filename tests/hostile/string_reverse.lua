local text = string.rep("ab", 2000000)
while true do string.reverse(text) end
