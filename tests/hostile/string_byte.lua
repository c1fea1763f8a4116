local text = string.rep("a", 60000)
while true do select("#", string.byte(text, 1, -1)) end
