local a, b = string.rep("a", 8000000), string.rep("a", 8000000)
while true do local _ = a == b end
