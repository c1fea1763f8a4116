local text = string.rep("a", 100000)
local by = string.rep("b", 1000)
while true do string.gsub(text, "a", by) end
