local text = string.rep("a", 3000)
while true do string.gsub(text, "a*a*a*b", "c") end
