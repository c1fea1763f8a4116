-- Searches that go back very often, in forms that end.
local a = ("a"):rep(18)
print(a:find("a*a*a*b"), #a:match("a*a*a*"), a:match("(a-)(a-)$") == "") -- expect: nil 18 true
print((a .. "b"):match("^a+b$") ~= nil, a:match("^a-a-a-c")) -- expect: true nil
print(a:gsub("a-b", "x") == a, a:gsub("(a?)(a?)b", "%2") == a) -- expect: true true
local n = 0
for _ in a:gmatch("a-") do n = n + 1 end
print(n) -- expect: 19
print(("("):rep(40):find("%b()"), (("("):rep(40) .. (")"):rep(40)):find("%b()")) -- expect: nil 1 80
print((("x "):rep(30):gsub("%f[%w]%w+", "y")):sub(1, 6), ("-"):rep(60):find("%f[%w]"))
-- expect: y y y  nil
-- Plain search for a long needle that is nearly everywhere.
local hay, needle = ("ab"):rep(600), ("ab"):rep(80) .. "b"
print(hay:find(needle, 1, true), (hay .. "b"):find(needle, 1, true)) -- expect: nil 1041 1201
-- A pattern that nests too deeply is refused instead of followed.
local function nested(size) return pcall(string.match, ("x"):rep(size), ("x?"):rep(size)) end
print(nested(60)) -- expect: true xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
print(nested(300000)) -- expect: false pattern too complex
-- Searches that fail at every place, each after a while.
print(("ab"):rep(300):find("(ab)*c"), ("ab"):rep(100):match("a.-b.-z"), ("x"):rep(400):find("x-y"))
-- expect: nil nil nil
