while true do
  local made = {}
  for n = 1, 10000 do made[n] = function() return n end end
end
