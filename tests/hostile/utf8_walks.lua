local text = string.rep("\u{20ac}", 1000000)
while true do
  utf8.len(text)
  utf8.offset(text, 900000)
  utf8.offset(text, -900000)
end
