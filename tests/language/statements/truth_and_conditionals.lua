-- Only nil and false are false.
local function truth(v)
  if v then return "true" else return "false" end
end
print(truth(0), truth(""), truth({}), truth(0/0), truth(nil), truth(false), truth(true))
-- expect: true true true true false false true

local function classify(n)
  if n < 0 then return "negative"
  elseif n == 0 then return "zero"
  elseif n < 10 then return "small"
  elseif n < 100 then
    if n % 2 == 0 then return "even" else return "odd" end
  else return "large" end
end
print(classify(-1), classify(0), classify(5), classify(12), classify(13), classify(100))
-- expect: negative zero small even odd large

-- and/or give operands, not booleans.
print(nil and 1, false and 1, 1 and 2, 0 and "zero") -- expect: nil false 2 zero
print(nil or 1, false or nil, 1 or 2, nil or false) -- expect: 1 nil 1 false
print(false == nil, not nil, not 0, not not "") -- expect: false true false true
local a, b, c = 1, nil, false
print(a and b, a and c, b or c, c or b, a or b, (b or a) and 5) -- expect: nil false false nil 1 5
print(a and b or "default", b and a or c, not (a and b)) -- expect: default false true
print(1 and 2 and 3, nil or false or 3, 1 and nil or 3, (nil and 1) or (false and 2))
-- expect: 3 3 3 false

-- Short circuits in conditions, negations and nested parentheses.
local calls = 0
local function called(v) calls = calls + 1; return v end
if called(true) or called(true) then end
if called(false) and called(true) then end
if not (called(false) or called(true)) then end
print(calls) -- expect: 4
local x = not (a == 1 and b == nil) or (c and true)
print(x) -- expect: false
local t = {flag = a and not b, other = b == c, third = a ~= 2 and a < 2}
print(t.flag, t.other, t.third) -- expect: true false true
local function cmp(p, q) return p < q, p <= q, p > q, p >= q, p == q, p ~= q end
print(cmp(1, 2)) -- expect: true true false false false true
print(cmp("a", "a")) -- expect: false true false true true false
if nil then elseif a then print("elseif") end -- expect: elseif
