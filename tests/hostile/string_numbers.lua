local digits = string.rep("9", 1000000)
while true do
  tonumber(digits)
  tonumber("0x" .. digits)
  tonumber(digits, 16)
  pcall(function() return digits + 1 end)
end
