while true do
  local t = {}
  for n = 1, 100000 do t["key" .. n] = n end
end
