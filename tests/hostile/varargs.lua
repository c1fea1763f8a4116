local function count(...) return select("#", ...) + #{ ... } end
local t = {}
for n = 1, 60000 do t[n] = n end
while true do count(table.unpack(t)) end
