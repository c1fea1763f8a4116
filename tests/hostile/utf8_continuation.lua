-- Nothing but continuation bytes.
local text = "a" .. string.rep("\x80", 4000000)
while true do
  pcall(utf8.offset, text, 2)
  pcall(utf8.offset, text, -1)
  pcall(utf8.offset, text, 0, #text)
  pcall(utf8.len, text)
end
