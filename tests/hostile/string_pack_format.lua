local format = string.rep("i16", 10000)
local padding = string.rep("!16 Xi16 b ", 10000)
while true do
  pcall(string.packsize, format)
  pcall(string.packsize, padding)
  pcall(string.unpack, format, string.rep("\0", 160000))
end
