-- Every arithmetic operator; the left operand's metamethod is preferred.
local mt = {}
local function show(op)
  return function(a, b)
    local l = type(a) == "table" and a.name or tostring(a)
    local r = type(b) == "table" and b.name or tostring(b)
    return "(" .. l .. op .. r .. ")"
  end
end
mt.__add, mt.__sub, mt.__mul, mt.__div = show "+", show "-", show "*", show "/"
mt.__mod, mt.__pow, mt.__idiv, mt.__unm = show "%", show "^", show "//", show "neg"
mt.__concat = show ".."
local a, b = setmetatable({name = "a"}, mt), setmetatable({name = "b"}, mt)

print(a + b, a - b, a * b, a / b) -- expect: (a+b) (a-b) (a*b) (a/b)
print(a % b, a ^ b, a // b, -a) -- expect: (a%b) (a^b) (a//b) (anega)
print(a + 1, 1 + a, a - 2.5, 2.5 - a, a * "s", "s" * a)
-- expect: (a+1) (1+a) (a-2.5) (2.5-a) (a*s) (s*a)
print(a / 2, 2 / a, a % 2, 2 % a, a ^ 2, 2 ^ a, a // 2, 2 // a)
-- expect: (a/2) (2/a) (a%2) (2%a) (a^2) (2^a) (a//2) (2//a)
print(a .. b, a .. 1, 1 .. a, a .. "s", "s" .. a) -- expect: (a..b) (a..1) (1..a) (a..s) (s..a)
print(a + nil, true + a, a - print("evaluated"))
-- expect: evaluated
-- expect: (a+nil) (true+a) (a-nil)

-- Precedence between two metatables.
local other = setmetatable({name = "other"}, {__add = function() return "other's" end})
print(a + other, other + a, other + 1, 1 + other) -- expect: (a+other) other's other's other's
local half = setmetatable({name = "half"}, {__sub = function() return "half's" end})
print(half + a, a + half, half - a, a - half) -- expect: (half+a) (a+half) half's (a-half)

-- Results are adjusted to one and may have any type.
local multi = setmetatable({}, {__add = function() return 1, 2 end, __sub = function() end})
print(multi + 1, (multi - 1)) -- expect: 1 nil
print(select("#", multi + 1), select("#", multi - 1)) -- expect: 1 1
local vec = {}
vec.__add = function(p, q) return setmetatable({p[1] + q[1], p[2] + q[2]}, vec) end
vec.__mul = function(p, q)
  if type(p) == "number" then p, q = q, p end
  return setmetatable({p[1] * q, p[2] * q}, vec)
end
vec.__unm = function(p) return setmetatable({-p[1], -p[2]}, vec) end
local function V(x, y) return setmetatable({x, y}, vec) end
local r = -(V(1, 2) + V(3, 4) * 2 + 10 * V(1, 1))
print(r[1], r[2]) -- expect: -17 -20
print(select(2, pcall(function() return half * 2 end)):match(": (.*)"))
-- expect: attempt to perform arithmetic on a table value (upvalue 'half')
