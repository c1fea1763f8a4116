-- Strings have methods through their metatable; numbers do not.
local s = "Hello"
print(s:len(), s:upper():lower(), s:sub(1, 1):rep(3), ("%s"):rep(2, ","):format(1, 2))
-- expect: 5 hello HHH 1,2
print(s.len == string.len, s.nothing, #s:reverse(), ("x").rep("y", 2)) -- expect: true nil 5 yy
print(pcall(function() return s.x.y end) == false, pcall(function() s.x = 1 end) == false)
-- expect: true true
print((5 .. ""):rep(2), tostring(12):len(), (12 .. ""):byte(1, -1)) -- expect: 55 2 49 50
function string.shout(text) return text:upper() .. "!" end
print(s:shout(), ("a"):shout()) -- expect: HELLO! A!
string.shout = nil
print(s.shout) -- expect: nil
-- Library functions keep working when string is replaced.
local saved = string
string = nil
print(("abc"):upper(), ("x"):format()) -- expect: ABC x
string = saved
-- The index metamethod can be extended.
local meta = getmetatable("")
local old = meta.__index
meta.__index = function(str, key)
  if type(key) == "number" then return old.sub(str, key, key) end
  return old[key]
end
print(s[1], s[-1], s[99] == "", s:len()) -- expect: H o true 5
meta.__index = old
print(s[1]) -- expect: nil
