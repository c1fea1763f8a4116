local t = setmetatable({}, { __name = string.rep("n", 2000000) })
while true do tostring(t) end
