-- Long walks over UTF-8 text.
local text = ("a\u{e4}\u{20ac}\u{1F600}"):rep(200)
print(#text, utf8.len(text), utf8.offset(text, 401), utf8.offset(text, -1))
-- expect: 2000 800 1001 1997
print(utf8.codepoint(text, utf8.offset(text, 400)), (select("#", utf8.codepoint(text, 1, 100))))
-- expect: 128512 40
local sum = 0
for _, c in utf8.codes(text) do sum = sum + c end
print(sum) -- expect: 27440200
local n = 0
for _ in text:gmatch(utf8.charpattern) do n = n + 1 end
print(n) -- expect: 800
print(utf8.len(text .. "\xff"), utf8.len(("\x80"):rep(10))) -- expect: nil nil 1
local chars = {}
for p, c in utf8.codes(text) do
  chars[#chars + 1] = c
  if #chars == 200 then break end
end
print(utf8.char(table.unpack(chars)) == text:sub(1, utf8.offset(text, 201) - 1)) -- expect: true
