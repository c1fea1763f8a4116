-- utf8.char, codepoint, len and their errors.
print(utf8.char(72, 228, 8364, 128512), utf8.char() == "") -- expect: Hä€😀 true
print(#utf8.char(0x7FFFFFFF), utf8.char(0) == "\0") -- expect: 6 true
print(utf8.codepoint("H\u{e4}\u{20ac}\u{1F600}", 1, -1)) -- expect: 72 228 8364 128512
print(utf8.codepoint("abc"), utf8.codepoint("abc", 2), utf8.codepoint("abc", -1))
-- expect: 97 98 99
print(select("#", utf8.codepoint("abc", 3, 2))) -- expect: 0
print(utf8.len("h\u{e4}llo"), utf8.len(""), utf8.len("\u{20ac}\u{20ac}", 4), utf8.len("abc", -2))
-- expect: 5 0 1 2
print(utf8.len("ab\xffcd"), utf8.len("\u{20ac}", 2)) -- expect: nil nil 2
print(utf8.len("abc", 4), utf8.len("abc", 1, 0), utf8.len("\xf4\x8f\xbf\xbf"), utf8.len("\xc0\x80"))
-- expect: 0 0 1 nil 1
print(utf8.len("\xed\xa0\x80"), utf8.len("\xed\xa0\x80", 1, -1, true), utf8.len("\xf4\x90\x80\x80"))
-- expect: nil 1 nil 1
print(utf8.len("\u{7FFFFFFF}"), utf8.len("\u{7FFFFFFF}", 1, -1, true)) -- expect: nil 1
print(utf8.codepoint("\u{D7FF}\u{E000}", 1, -1), utf8.codepoint("\u{7FFFFFFF}", 1, 1, true))
-- expect: 55295 2147483647
print(utf8.charpattern == "[\0-\x7F\xC2-\xFD][\x80-\xBF]*") -- expect: true
for c in ("a\u{e4}\u{20ac}"):gmatch(utf8.charpattern) do io.write(#c, " ") end
print() -- expect: 1 2 3
print(pcall(utf8.codepoint, "\xff")) -- expect: false invalid UTF-8 code
print(pcall(utf8.codepoint, "\u{20ac}", 2)) -- expect: false invalid UTF-8 code
print(pcall(utf8.codepoint, "abc", 4))
-- expect: false bad argument #3 to 'utf8.codepoint' (out of bounds)
print(pcall(utf8.codepoint, "\xed\xa0\x80")) -- expect: false invalid UTF-8 code
print(pcall(utf8.len, "abc", 5))
-- expect: false bad argument #2 to 'utf8.len' (initial position out of bounds)
print(pcall(utf8.len, "abc", 1, 4))
-- expect: false bad argument #3 to 'utf8.len' (final position out of bounds)
print(pcall(utf8.char, -1)) -- expect: false bad argument #1 to 'utf8.char' (value out of range)
print(pcall(utf8.char, 0x80000000))
-- expect: false bad argument #1 to 'utf8.char' (value out of range)
print(pcall(utf8.char, "x"))
-- expect: false bad argument #1 to 'utf8.char' (number expected, got string)
