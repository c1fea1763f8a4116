-- len, sub, upper, lower, rep, reverse, byte, char with all kinds of positions.
print(#"hello", ("hello"):len(), ("a\0b"):len(), (""):len()) -- expect: 5 5 3 0
print(("hello"):sub(2, 4), ("hello"):sub(-3), ("hello"):sub(2), ("hello"):sub(-4, -2))
-- expect: ell llo ello ell
print(("hello"):sub(0), ("hello"):sub(10) == "", ("hello"):sub(4, 2) == "")
-- expect: hello true true
print(("hello"):sub(-100, 100), ("hello"):sub(math.mininteger, math.maxinteger))
-- expect: hello hello
print(("hello"):sub(3, -3), ("hello"):sub(-1, 1) == "", ("hello"):sub(5, 5)) -- expect: l true o
print(("MiXed 123"):upper(), ("MiXed 123"):lower(), ("abc"):reverse(), (""):reverse() == "")
-- expect: MIXED 123 mixed 123 cba true
print(("ab"):rep(3), ("ab"):rep(3, "-"), ("ab"):rep(0) == "", ("ab"):rep(-1) == "")
-- expect: ababab ab-ab-ab true true
print((""):rep(1000000) == "", #("x"):rep(1000), ("\0"):rep(3) == "\0\0\0", ("ab"):rep(1, "-"))
-- expect: true 1000 true ab
print(("hello"):byte(), ("hello"):byte(2), ("hello"):byte(-1), ("hello"):byte(10))
-- expect: 104 101 111
print(("hello"):byte(1, -1)) -- expect: 104 101 108 108 111
print(("hello"):byte(3, 2), select("#", ("hello"):byte(10)), ("h\xFF"):byte(2)) -- expect: nil 0 255
print(string.char(72, 105), string.char() == "", #string.char(0, 255)) -- expect: Hi true 2
print(pcall(string.char, 256))
-- expect: false bad argument #1 to 'string.char' (value out of range)
print(pcall(string.char, -1)) -- expect: false bad argument #1 to 'string.char' (value out of range)
print(pcall(string.rep, "x", 1 << 62, "y")) -- expect: false resulting string too large
print(pcall(string.sub))
-- expect: false bad argument #1 to 'string.sub' (string expected, got no value)
print(pcall(string.upper))
-- expect: false bad argument #1 to 'string.upper' (string expected, got no value)
-- Numbers are strings here; methods need the parentheses.
print(string.len(12345), string.rep(7, 3), string.upper(1.5)) -- expect: 5 777 1.5
print(string.reverse(123), string.sub(98765, 2, 3)) -- expect: 321 87
