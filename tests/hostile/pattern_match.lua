while true do string.match(string.rep("a", 3000), ".-.-.-.-b") end
