local text = string.rep("a", 4000000)
while true do
  local packed = string.pack("s8z", text, text)
  string.unpack("s8z", packed)
end
