local text = string.rep("ab", 1000000)
while true do string.gsub(text, "%w", { a = "x", b = "yy" }) end
