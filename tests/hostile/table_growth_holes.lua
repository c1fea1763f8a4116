-- Elements behind a hole, which it closes at last.
while true do
  local t = {}
  for n = 1, 32768 do t[n] = n end
  for n = 32768, 11, -1 do t[n] = nil end
  for n = 50, 32768 do t[n] = n end
  for n = 11, 49 do t[n] = n end
end
