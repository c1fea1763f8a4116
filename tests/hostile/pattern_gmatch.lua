local text = string.rep("a", 3000)
while true do
  for _ in string.gmatch(text, "a*a*a*b") do end
end
