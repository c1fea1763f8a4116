-- assert passes its arguments or raises its message unchanged.
print(assert(1, "message", 3)) -- expect: 1 message 3
print(select("#", assert(true)), assert("only")) -- expect: 1 only
print(pcall(assert, false)) -- expect: false assertion failed!
print(pcall(assert, nil)) -- expect: false assertion failed!
print(pcall(assert, false, "own message")) -- expect: false own message
print(pcall(assert, nil, nil)) -- expect: false nil
print(pcall(assert, false, 42)) -- expect: false 42
local t = {}
print(select(2, pcall(assert, false, t)) == t) -- expect: true
print(pcall(assert)) -- expect: false bad argument #1 to 'assert' (value expected)
print(pcall(assert, nil, "first", "second")) -- expect: false first
-- Called from a Lua function, a position is added to strings, as error() does.
local function strip(ok, message) return ok, (message:gsub("^[^:]*:", "", 1)) end
print(strip(pcall(function() assert(1 == 2, "plain text") end))) -- expect: false 15: plain text
-- Typical use with functions that give nil and a message.
print(strip(pcall(function() return assert(load("x =", "=chunk")) end)))
-- expect: false 17: chunk:1: unexpected symbol near <eof>
print(strip(pcall(function() return assert(io.open("/does/not/exist")) end)))
-- expect: false 19: /does/not/exist: No such file or directory
print(assert(load("return 'fine'"))()) -- expect: fine
print(assert(tonumber("10")), pcall(assert, tonumber("x"), "not a number"))
-- expect: 10 false not a number
