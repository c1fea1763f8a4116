local t = setmetatable({}, { __mode = "k" })
while true do
  for n = 1, 100000 do t[{}] = n end
end
