local t = setmetatable({}, { __name = string.rep("n", 200000) })
while true do tostring(t) end
