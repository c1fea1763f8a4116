local t = {}
for n = 1, 300000 do t[n] = n end
while true do
  table.move(t, 1, 300000, 2)
  table.move(t, 1, 300000, 1, {})
end
