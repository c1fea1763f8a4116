while true do string.rep("abc", 3000000, ",") end
