local text = string.rep("a", 3000000)
while true do
  string.format("%99.99f%-99s%99d", 1e300, "x", 5)
  string.format("%s%s%q", text, text, text)
end
