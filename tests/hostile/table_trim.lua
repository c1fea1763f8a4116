-- The last element goes when all before it are gone.
local t = {}
while true do
  for n = 1, 200000 do t[n] = n end
  for n = 1, 200000 do t[n] = nil end
end
