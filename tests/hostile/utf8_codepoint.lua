local text = string.rep("\u{20ac}", 20000)
while true do
  utf8.char(utf8.codepoint(text, 1, -1))
end
