-- Keys come and go in a table of constant size.
local t = {}
for n = 1, 100000 do t[n + 0.5] = n end
local first, last = 1, 100000
while true do
  t[first + 0.5] = nil
  first, last = first + 1, last + 1
  t[last + 0.5] = last
end
