local t = {}
for n = 1, 300000 do t[n + 0.5] = n end
for n = 1, 299999 do t[n + 0.5] = nil end
while true do
  next(t)
  for _ in pairs(t) do end
end
