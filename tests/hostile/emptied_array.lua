local t = {}
for n = 1, 300000 do t[n] = n end
for n = 1, 299999 do t[n] = nil end
while true do
  next(t)
  for _ in pairs(t) do end
end
