-- ^, $, %b and %f.
print(("hello"):match("^h"), ("hello"):match("^e"), ("hello"):match("o$"), ("hello"):match("l$"))
-- expect: h nil o nil
print(("a^b$c"):match("a^b"), ("a$c"):match("a$c"), ("x$"):match("x%$$"), ("^x"):match("%^x"))
-- expect: a^b a$c x$ ^x
print(("hello"):find("^", 3), ("hello"):find("$"), ("hello"):find("^l", 3), (""):find("^$"))
-- expect: 3 6 3 1 0
for w in ("^a^a"):gmatch("^a") do io.write(w, " ") end
print(("aaa"):gsub("^a", "x"), ("aaa"):gsub("^", "x")) -- expect: ^a ^a xaa xaaa 1
print(("f(a(b)c)d)"):match("%b()"), ("((x)"):match("%b()"), ("x"):match("%b()"))
-- expect: (a(b)c) (x) nil
print(("begin x end"):match("%bbe"), ("[[a]b]"):match("%b[]"), ("'a'b"):match("%b''"))
-- expect: be [[a]b] 'a'
print(("f(1)(2)"):gsub("%b()", ""), ("{a{b}}{c}"):gsub("%b{}", function(s) return #s end))
-- expect: f 63 2
print(("THE (quick) fox"):find("%f[%a]%a+%f[%A]"), ("THE (quick) fox"):gsub("%f[%a]%a+", "W"))
-- expect: 1 W (W) W 3
print(("aaa aa a"):gsub("%f[%w]%w+%f[%W]", string.upper), ("foo.bar"):match("%f[%w]bar%f[%W]"))
-- expect: AAA AA A bar
print(("[[]] [][] []"):gsub("%f[%[].", "x"), (" a"):find("%f[a]"), ("a"):find("%f[\0]"))
-- expect: x[]] x]x] x] 2 2 1
print(pcall(string.match, "x", "%b")) -- expect: false malformed pattern (missing arguments to '%b')
print(pcall(string.match, "x", "%b("))
-- expect: false malformed pattern (missing arguments to '%b')
print(pcall(string.match, "x", "%f")) -- expect: false missing '[' after '%f' in pattern
print(pcall(string.match, "x", "%fx")) -- expect: false missing '[' after '%f' in pattern
