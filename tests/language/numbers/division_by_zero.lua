-- Integer division by zero is an error, float division is not.
print(1 / 0, -1 / 0, 0 / 0 ~= 0 / 0) -- expect: inf -inf true
print(1 // 0.0, -1 // 0.0) -- expect: inf -inf

local function divide(a, b) return a // b end
local function modulo(a, b) return a % b end
print((pcall(divide, 1, 0))) -- expect: false
print((select(2, pcall(divide, math.mininteger, 0)):match("attempt.*")))
-- expect: attempt to divide by zero
print((select(2, pcall(modulo, 1, 0)):match("attempt.*"))) -- expect: attempt to perform 'n%0'
print(divide(1, 0.0), divide(1.0, 0)) -- expect: inf inf
print(modulo(1, 0.0) ~= modulo(1, 0.0)) -- expect: true

-- Constant operands are not folded into something that hides the error.
local f = load("local x = 1 // 0 return x")
print((select(2, pcall(f)):gsub("^.-:%d+: ", ""))) -- expect: attempt to divide by zero
f = load("return 5 % 0")
print((select(2, pcall(f)):gsub("^.-:%d+: ", ""))) -- expect: attempt to perform 'n%0'
print(load("return 1 / 0")(), load("return -1 / 0")()) -- expect: inf -inf
print(pcall(math.fmod, 1, 0)) -- expect: false bad argument #2 to 'math.fmod' (zero)
print(math.fmod(1, 0.0) ~= math.fmod(1, 0.0)) -- expect: true
