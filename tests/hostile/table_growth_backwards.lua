while true do
  local t = {}
  for n = 200000, 1, -1 do t[n] = n end
end
