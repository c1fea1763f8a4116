-- Captures: nested, empty (positions), back references, many.
print(("key=val"):match("(%w+)=(%w+)")) -- expect: key val
print(("hello"):match("()ll()")) -- expect: 3 5
print(("hello"):match("(h)(e)(l)(l)(o)")) -- expect: h e l l o
print(("nested"):match("((n)(es))")) -- expect: nes n es
print(("abc"):match("(a(b(c)))")) -- expect: abc bc c
print(("abab"):match("(ab)%1"), ("abcabd"):match("(ab)c%1d")) -- expect: ab ab
print(([[say "it's" now]]):match([[(["'])(.-)%1]])) -- expect: " it's
print(("hello hello world"):match("(%w+) %1"), ("abba"):match("((a)(b)%3%2)"))
-- expect: hello abba a b
print((""):match("()"), ("abc"):match("()$"), ("abc"):find("()")) -- expect: 1 4 1 0 1
print(("2024-05-17"):match("(%d+)-(%d+)-(%d+)")) -- expect: 2024 05 17
print(("hello"):find("(l)(l)")) -- expect: 3 4 l l
print(("x"):find("(y)"), ("x"):match("(y)")) -- expect: nil nil
print(("abc"):gsub("(%w)(%w)", "%2%1"), ("abc"):gsub("()", "%1")) -- expect: bac 1a2b3c4 4
print(("abc"):gsub("%w", {a = "1", b = 2, c = false})) -- expect: 12c 3
print(("$name is $age"):gsub("%$(%w+)", {name = "Ann", age = 30})) -- expect: Ann is 30 2
print(("abc"):gsub("(b)()", "[%1%2]")) -- expect: a[b3]c 1
-- Up to 32 captures.
local pattern, text = ("(.)"):rep(32), ("abcdefghijklmnopqrstuvwxyz0123456789")
print(select("#", text:match(pattern)), (select(32, text:match(pattern)))) -- expect: 32 5
print(pcall(string.match, text, ("(.)"):rep(33))) -- expect: false too many captures
print(pcall(string.match, "x", "(x")) -- expect: false unfinished capture
print(pcall(string.match, "x", "x)")) -- expect: false invalid pattern capture
print(pcall(string.match, "x", "%1")) -- expect: false invalid capture index %1
print(pcall(string.match, "x", "(x%1)")) -- expect: false invalid capture index %1
print(pcall(string.gsub, "x", "x", "%2")) -- expect: false invalid capture index %2
print(pcall(string.gsub, "x", "x", "%")) -- expect: false invalid use of '%' in replacement string
print(pcall(string.gsub, "x", "x", "%a")) -- expect: false invalid use of '%' in replacement string
print(pcall(string.gsub, "x", "x", nil))
-- expect: false bad argument #3 to 'string.gsub' (string/function/table expected, got nil)
print(pcall(string.gsub, "x", "x"))
-- expect: false bad argument #3 to 'string.gsub' (string/function/table expected, got no value)
