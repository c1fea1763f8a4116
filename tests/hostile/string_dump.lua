local source = {}
for n = 1, 20000 do source[n] = "x = x + " .. n end
local f = load(table.concat(source, "\n"))
while true do string.dump(f) end
