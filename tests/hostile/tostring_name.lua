local t = setmetatable({}, { __name = string.rep("n", 250000) })
while true do tostring(t) end
