local t = {}
for n = 1, 60000 do t[n] = n end
while true do
  local copy = { table.unpack(t) }
  pcall(table.unpack, t, 1, 10000000)
end
