-- From lowest to highest: or, and, comparison, |, ~, &, shift, .., + -, * / // %, unary, ^.
print(true or false and false, not nil == true, not (nil == true)) -- expect: true true true
print(1 < 2 == true, "a" .. "b" == "ab", 1 + 2 < 4) -- expect: true true true
print(2 + 3 * 4, (2 + 3) * 4, 10 - 4 - 3, 2 * 3 % 4) -- expect: 14 20 3 2
print(20 / 2 / 5, 7 // 2 * 2, 2 ^ 2 ^ 3) -- expect: 2.0 6 256.0
print(-2 ^ 2, -2 * -2, not not 1, - - 2) -- expect: -4.0 4 true 2
print(#"abc" + 1, -#"abc", #"a" .. "b") -- expect: 4 -3 1b
print(1 .. 2 + 3, "1" + 2 .. 3) -- expect: 15 33
print(5 & 3 | 8, 5 | 3 & 8, 1 << 2 + 1, 5 ~ 1 | 2) -- expect: 9 5 8 6
print(nil and 1 or 2, false == nil, 1 and nil, nil or false) -- expect: 2 false nil false
print(1 or error("not reached"), nil and error("not reached")) -- expect: 1 nil

-- Operands are evaluated once each, from left to right.
local log = {}
local function f(name, value)
  log[#log + 1] = name
  return value
end
local _ = f("a", 1) + f("b", 2) * f("c", 3) < f("d", 100) and f("e", false) or f("f", 1)
print(table.concat(log)) -- expect: abcdef
log = {}
_ = f("x", "1") .. f("y", "2") .. f("z", "3")
print(_, table.concat(log)) -- expect: 123 xyz
log = {}
_ = (f("t", {k = 9}))[f("u", "k")]
print(_, table.concat(log)) -- expect: 9 tu
