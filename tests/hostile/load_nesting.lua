local source = string.rep("(", 150) .. "1" .. string.rep(")", 150)
while true do load("return " .. source) end
