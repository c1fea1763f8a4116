while true do math.random(0, 0x4000000000000001) end
