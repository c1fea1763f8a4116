local t = {}
for n = 1, 2000 do t[n] = n end
while true do
  pcall(table.sort, t, function() return true end)
  pcall(table.sort, t, function(a, b) return a > b end)
  table.sort(t)
end
