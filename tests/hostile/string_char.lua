local bytes = table.pack(string.byte(string.rep("a", 60000), 1, -1))
while true do string.char(table.unpack(bytes)) end
