local t = {}
for n = 1, 60000 do t[n] = n end
while true do select(-59999, table.unpack(t)) end
