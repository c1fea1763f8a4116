-- Replacement strings, tables and functions; counts; special characters.
print(("hello"):gsub("l", "L")) -- expect: heLLo 2
print(("hello"):gsub("l", "%%")) -- expect: he%%o 2
print(("hello"):gsub("l", "%0%0")) -- expect: hellllo 2
print(("hello world"):gsub("o", "0", 1)) -- expect: hell0 world 1
print(("hello world"):gsub("o", "0", -1)) -- expect: hello world 0
print(("abc"):gsub(".", {a = 1, b = 2.5})) -- expect: 12.5c 3
print(("abc"):gsub("(.)", function(c) return c == "b" and "B" or nil end)) -- expect: aBc 3
print(("abc"):gsub(".", function() return false end)) -- expect: abc 3
print(("abc"):gsub("b", function(...) return select("#", ...) end)) -- expect: a1c 1
print(("k1=v1"):gsub("(%w+)=(%w+)", function(k, v) return v .. "=" .. k end)) -- expect: v1=k1 1
print(("abc"):gsub("()b()", function(s, e) return s .. e end)) -- expect: a23c 1
print((""):gsub("", "x")) -- expect: x 1
print((""):gsub(".", "x")) -- expect: 0
print(("a.b.c"):gsub("%.", "%%")) -- expect: a%b%c 2
print(("x"):gsub("x", "a\0b") == "a\0b") -- expect: true
print(("a\0b"):gsub("%z", "0") == "a0b", ("a\0b"):gsub("\0", "0")) -- expect: true a0b 1
print(("abc"):gsub("b", 7), ("abc"):gsub("b", 7.5)) -- expect: a7c a7.5c 1
-- Escaping for HTML and URLs, expanding variables, capitalising words.
local entities = {["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;"}
print((("a < b & c"):gsub("[&<>]", entities))) -- expect: a &lt; b &amp; c
print((("a b&c"):gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)))
-- expect: a%20b%26c
print((("%41%20x"):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)))
-- expect: A x
print((("the quick fox"):gsub("(%a)(%w*)", function(a, b) return a:upper() .. b end)))
-- expect: The Quick Fox
local env = {USER = "ann", HOME = "/h"}
print((("$USER at ${HOME} $NONE"):gsub("%${?(%w+)}?", env))) -- expect: ann at /h $NONE
-- The subject is not changed, the count is exact.
local s = "aaa"
local r, n = s:gsub("a", "bb", 2)
print(s, r, n) -- expect: aaa bbbba 2
print(select(2, ("x"):rep(100):gsub("x", "")), #("x"):rep(100):gsub("x", "yy")) -- expect: 100 200
