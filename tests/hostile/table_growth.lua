while true do
  local t = {}
  for n = 1, 400000 do t[n] = n end
end
