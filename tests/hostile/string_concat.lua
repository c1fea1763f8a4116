local a, b = string.rep("a", 4000000), string.rep("b", 4000000)
while true do local _ = a .. b .. a end
