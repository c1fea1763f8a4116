local text = string.rep("\u{20ac}", 100000)
while true do
  for _ in utf8.codes(text) do end
end
