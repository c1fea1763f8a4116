-- tonumber reads what the lexer reads, with blanks around it; with a base it reads integers only.
print(tonumber("10"), tonumber("10.0"), tonumber("  0x1F  "), tonumber("1e2"), tonumber("-7"))
-- expect: 10 10.0 31 100.0 -7
print(tonumber(""), tonumber(" "), tonumber("1 2"), tonumber("abc"), tonumber("0x"), tonumber("1e"))
-- expect: nil nil nil nil nil nil
print(tonumber("- 1"), tonumber("--1"), tonumber("+1"), tonumber("1\0"), tonumber("1\n"))
-- expect: nil nil 1 nil 1
print(tonumber("inf"), tonumber("nan"), tonumber("0x1p4"), tonumber("0x.1"), tonumber(".5."))
-- expect: nil nil 16.0 0.0625 nil
print(tonumber("1e1", 10), tonumber("ff", 16), tonumber("FF", 16), tonumber("zz", 36))
-- expect: nil 255 255 1295
print(tonumber("-101", 2), tonumber("- 101", 2)) -- expect: -5 nil
print(tonumber("8", 8), tonumber("7", 8), tonumber(" 11 ", 2), tonumber("", 10))
-- expect: nil 7 3 nil
print(tonumber("ffffffffffffffff", 16), tonumber("10000000000000000", 16)) -- expect: -1 0
print(tonumber(nil) == nil, tonumber(true), tonumber({}), tonumber(12), tonumber(1.5))
-- expect: true nil nil 12 1.5
print(pcall(tonumber)) -- expect: false bad argument #1 to 'tonumber' (value expected)
print(pcall(tonumber, 10, 10))
-- expect: false bad argument #1 to 'tonumber' (string expected, got number)
print(pcall(tonumber, "10", 1)) -- expect: false bad argument #2 to 'tonumber' (base out of range)
print(pcall(tonumber, "10", 37)) -- expect: false bad argument #2 to 'tonumber' (base out of range)
print(tonumber("9223372036854775807"), tonumber("9223372036854775808"))
-- expect: 9223372036854775807 9.2233720368548e+18
print(tonumber("0xffffffffffffffffff")) -- expect: -1
print(tonumber(("1"):rep(30))) -- expect: 1.1111111111111e+29

print(tostring(12), tostring(-0.0), tostring(1e15), tostring(nil), tostring(true), tostring("s"))
-- expect: 12 -0.0 1e+15 nil true s
print(#tostring(12) == 2, tostring(3) == "3", tostring(3.0) == "3.0") -- expect: true true true
print(pcall(tostring)) -- expect: false bad argument #1 to 'tostring' (value expected)
print(tostring({}):match("^table: "), tostring(print):match("^function: "))
-- expect: table:  function:
