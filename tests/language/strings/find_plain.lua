-- find with plain text, positions and empty needles.
print(("hello world"):find("o"), (("hello world"):find("o", 6))) -- expect: 5 8
print(("hello world"):find("wor", 1, true)) -- expect: 7 9
print(("hello"):find("l+"), ("hello"):find("l+", 1, true)) -- expect: 3 nil
print(("a.b*c"):find(".", 1, true), ("a.b*c"):find("*", 1, true), ("a+b"):find("+b", 1, true))
-- expect: 2 4 2 3
print(("hello"):find(""), ("hello"):find("", 3), ("hello"):find("", 6), ("hello"):find("", 7))
-- expect: 1 3 6 nil
print((""):find(""), (""):find("", 1), (""):find("", 2), (""):find("x")) -- expect: 1 1 nil nil
print(("hello"):find("h", -5), ("hello"):find("o", -1)) -- expect: 1 5 5
print(("hello"):find("h", -4), ("hello"):find("h", -100)) -- expect: nil 1 1
print(("a\0b\0c"):find("\0"), ("a\0b\0c"):find("\0c"), ("a\0b"):find("b", 1, true))
-- expect: 2 4 3 3
print(("aaab"):find("aab", 1, true), ("aXaXaY"):find("aXaY", 1, true)) -- expect: 2 3 6
print(("abc"):find("abcd", 1, true)) -- expect: nil
print(("hello"):find("xyz"), ("hello"):find("hellos"), ("x"):find("x", 2)) -- expect: nil nil nil
local text = ("ab"):rep(50) .. "c"
print(text:find("bc"), text:find("abc", 1, true), text:find("c", -1)) -- expect: 100 99 101 101
print(("one;two;;four"):find(";", 5, true), ("one;two;;four"):find(";;")) -- expect: 8 8 9
print(pcall(string.find, "x"))
-- expect: false bad argument #2 to 'string.find' (string expected, got no value)
print(pcall(string.find, {}, "x"))
-- expect: false bad argument #1 to 'string.find' (string expected, got table)
