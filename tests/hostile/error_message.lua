local text = string.rep("e", 250000)
while true do
  pcall(error, text)
  pcall(string.rep)
end
