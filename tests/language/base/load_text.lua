-- load from strings and functions, with names, modes and environments.
print(load("return 1 + 1")(), load("return ...")(1, 2), load("x = 5")(), x) -- expect: 2 1 nil 5
x = nil
print(load("syntax error here", "=name")) -- expect: nil name:1: syntax error near 'error'
print(type(load("return", "=n")), load("return") ~= load("return")) -- expect: function true
local pieces = {"return ", "1", "0 + 5", "", "never used"}
local i = 0
print(load(function() i = i + 1 return pieces[i] end)()) -- expect: 15
i = 0
local parts = {"local a = ", "{1, 2, ", "3} ", "return #a"}
print(load(function() i = i + 1 return parts[i] end, "=parts")()) -- expect: 3
print(load(function() return nil end) ~= nil, load(function() return "" end)()) -- expect: true

print((load(function() return {} end, "=reader"))) -- expect: nil
print(pcall(load, function() error("reader failed", 0) end)) -- expect: true nil reader failed
print(load("return a", "=env", "t", {a = "from env"})()) -- expect: from env
print(load("return a", "=env", "bt", setmetatable({}, {__index = function(_, k) return k end}))())
-- expect: a
print(load("return 1", "=mode", "b")) -- expect: nil attempt to load a text chunk (mode is 'b')
print(load("return 1", "=mode", "t")(), load("return 1", "=mode", "bt")()) -- expect: 1 1
print(pcall(load)) -- expect: false bad argument #1 to 'load' (function expected, got no value)
print(pcall(load, 5)) -- expect: true nil [string "5"]:1: unexpected symbol near '5'
print(pcall(load, {})) -- expect: false bad argument #1 to 'load' (function expected, got table)
print(load(("x = 1 "):rep(1000)) ~= nil) -- expect: true
-- A reader may run code and load chunks itself.
local done = false
local nested = load(function()
  if done then return nil end
  done = true
  return load("return 'return 42'")()
end)
print(nested()) -- expect: 42
local f = load("local n = ... return function() n = n + 1 return n end")
local g, h = f(10), f(20)
print(g(), g(), h()) -- expect: 11 12 21
