while true do
  local t = {}
  for n = 1, 200000 do t[n * 1.5 + 0.25] = n end
end
