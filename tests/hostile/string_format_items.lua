local format = string.rep("%99.99f", 2000)
local values = {}
for n = 1, 2000 do values[n] = 1e300 + n end
while true do string.format(format, table.unpack(values)) end
