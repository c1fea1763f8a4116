local text = string.rep("a", 4000000)
while true do string.match(text, "^(a*)%1b") end
