-- Each round, the largest element lies far behind the others.
local t = {}
for n = 1, 300000 do t[n] = n end
while true do
  t[500000] = 1
  t[500000] = nil
  t[1000000000] = 1
  t[1000000000] = nil
end
