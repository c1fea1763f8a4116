-- Strings compare byte by byte, unsigned, with zeros inside.
print("a" < "b", "a" < "B", "" < "a", "a" < "a", "a" <= "a", "abc" < "abd", "ab" < "abc")
-- expect: true false true false true true true
print("Z" < "a", "10" < "9", "a\0a" < "a\0b", "a\0" < "a\0a", "a" < "a\0")
-- expect: true true true true true
print("\xff" > "a", "\0" > "", "\x80" < "\x7f") -- expect: true true false
print("abc" == "ab" .. "c", "abc" ~= "abc\0", "1" == 1) -- expect: true true false
local list = {"delta", "Alpha", "alpha", "", "beta10", "beta9", "beta", "_"}
table.sort(list)
print(table.concat(list, ",")) -- expect: ,Alpha,_,alpha,beta,beta10,beta9,delta
table.sort(list, function(a, b) return a > b end)
print(table.concat(list, ",")) -- expect: delta,beta9,beta10,beta,alpha,_,Alpha,
local function sign(a, b) return a < b and -1 or a > b and 1 or 0 end
local long = ("x"):rep(100)
print(sign(long .. "a", long .. "b"), sign(long, long .. "a")) -- expect: -1 -1
print(sign(long .. "\0", long), sign(long, long)) -- expect: 1 0
print(math.max(#long, 5), "a" .. "b" < "a" .. "c") -- expect: 100 true
