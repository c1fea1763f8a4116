local text = string.rep("e", 4000000)
while true do
  pcall(error, text)
  pcall(string.rep)
end
