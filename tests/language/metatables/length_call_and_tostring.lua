-- __len, __call, __tostring, __name.
local t = setmetatable({1, 2, 3}, {__len = function(self) return rawlen(self) * 10 end})
print(#t, rawlen(t)) -- expect: 30 3
local odd = setmetatable({}, {__len = function() return "a string" end})
print(#odd) -- expect: a string
print(#setmetatable({}, {__len = function() return 1, 2 end})) -- expect: 1

local f = setmetatable({base = 100}, {__call = function(self, a, b, ...)
  return self.base + (a or 0) + (b or 0), select("#", ...)
end})
print(f()) -- expect: 100 0
print(f(1, 2)) -- expect: 103 0
print(f(1, 2, 3, 4)) -- expect: 103 2
print((f(5))) -- expect: 105
print(pcall(f, 7)) -- expect: true 107 0
-- The call handler may itself be a callable table.
local g = setmetatable({}, {__call = f})
print((pcall(g))) -- expect: false
local inner = setmetatable({}, {__call = function(self, outer, arg) return "inner", arg end})
local outer = setmetatable({}, {__call = inner})
print(outer("x")) -- expect: inner x
-- As a method, in a tail call, and as an iterator.
local object = {method = f}
print(object.method(1)) -- expect: 101 0
print((function() return f(2, 3, 4) end)()) -- expect: 105 1
local steps = setmetatable({n = 0}, {__call = function(s)
  s.n = s.n + 1
  return s.n < 3 and s.n or nil
end})
for v in steps do
  io.write(v, " ")
end
print() -- expect: 1 2

print(tostring(setmetatable({}, {__tostring = function() return "me" end}))) -- expect: me
print(setmetatable({}, {__tostring = function() return "printed" end}), "next")
-- expect: printed next
print(pcall(tostring, setmetatable({}, {__tostring = function() return 1 end}))) -- expect: true 1
print(tostring(setmetatable({}, {__name = "My.Type"})):match("^My.Type: ") ~= nil) -- expect: true
print(tostring(setmetatable({}, {__name = 5})):match("^table: ") ~= nil) -- expect: true
print(#string.format("%s|%10s", setmetatable({}, {__tostring = function() return "x" end}), "y"))
-- expect: 12
local named = setmetatable({}, {__name = "Named"})
print(select(2, pcall(function() return named + 1 end)):match(": (.*)"))
-- expect: attempt to perform arithmetic on a Named value (upvalue 'named')
print(select(2, pcall(function() return named < 1 end)):match(": (.*)"))
-- expect: attempt to compare Named with number
print(select(2, pcall(string.rep, named)))
-- expect: bad argument #1 to 'string.rep' (string expected, got Named)
print(select(2, pcall(function() return #setmetatable({}, {__len = 5}) end)):match("attempt.*"))
-- expect: attempt to call a number value (metamethod 'len')
