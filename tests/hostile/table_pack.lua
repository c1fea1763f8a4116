local function pass(...) return ... end
local t = {}
for n = 1, 60000 do t[n] = n end
while true do table.pack(pass(pass(table.unpack(t)))) end
