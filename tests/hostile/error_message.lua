local text = string.rep("e", 200000)
while true do
  pcall(error, text)
  pcall(string.rep)
end
