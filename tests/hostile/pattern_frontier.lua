local text = string.rep("a", 2000000)
while true do string.find(text, "%f[b]") end
