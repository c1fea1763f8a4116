-- Bitwise operators call metamethods when an operand is no integer.
local mt = {}
local function text(v) return type(v) == "table" and v.name or tostring(v) end
for event, op in pairs {band = "&", bor = "|", bxor = "~", shl = "<<", shr = ">>", bnot = "not"} do
  mt["__" .. event] = function(a, b) return text(a) .. op .. text(b) end
end
local a, b = setmetatable({name = "a"}, mt), setmetatable({name = "b"}, mt)
print(a & b, a | b, a ~ b, a << b, a >> b) -- expect: a&b a|b a~b a<<b a>>b
print(a & 1, 1 & a, a | 2.5, 2.5 | a, a ~ "s", "s" ~ a) -- expect: a&1 1&a a|2.5 2.5|a a~s s~a
print(a << 1, 1 << a, a >> 1, 1 >> a, a << "x") -- expect: a<<1 1<<a a>>1 1>>a a<<x
print(~a) -- expect: anota
print(a & 0xFFFFFFFFFFFF, (3 | a) .. 4) -- expect: a&281474976710655 3|a4
print((a & 1) == "a&1", #(a | b)) -- expect: true 3
local function message(f) return select(2, pcall(f)):match(": (.*)") end
print(message(function() return {} & 1 end))
-- expect: attempt to perform bitwise operation on a table value
print(message(function() return 1 << {} end))
-- expect: attempt to perform bitwise operation on a table value
print(message(function() return ~{} end))
-- expect: attempt to perform bitwise operation on a table value
print(message(function() return 1.5 & 1 end)) -- expect: number has no integer representation
print(message(function() return 2 | nil end))
-- expect: attempt to perform bitwise operation on a nil value
-- A float that is no integer still finds the other operand's metamethod.
print(1.5 & a, a ~ 0/0 ~= nil) -- expect: 1.5&a true
