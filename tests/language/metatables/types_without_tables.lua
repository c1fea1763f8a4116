-- debug.setmetatable gives numbers, functions, nil, booleans and coroutines a metatable.
debug.setmetatable(0, {
  __index = function(n, k) return k .. " of " .. n end,
  __call = function(n, x) return n * x end,
  __len = function(n) return n // 2 end,
  __concat = function(a, b) return "concat" end,
})
local n = 7
print(n.half, n(6), #n, (5).name) -- expect: half of 7 42 3 name of 5
print(1 + 1, 1 < 2, 1 .. "x") -- expect: 2 true 1x
debug.setmetatable(0, nil)
print((pcall(function() return n.half end))) -- expect: false

debug.setmetatable(nil, {
  __index = function(_, k) return k end,
  __add = function(a, b) return "nil+" end,
})
local nothing
print(nothing.field, nothing + 1, 1 + nothing) -- expect: field nil+ nil+
debug.setmetatable(nil, nil)

debug.setmetatable(print, {__index = {kind = "function"}, __add = function(f, g)
  return function(...) return g(f(...)) end
end})
local double = function(x) return x * 2 end
print(print.kind, double.kind, (double + tostring)(21)) -- expect: function function 42
debug.setmetatable(print, nil)

debug.setmetatable(true, {
  __len = function(b) return b and 1 or 0 end,
  __tostring = function() return "bool" end,
})
print(#true, #false, tostring(true), true == true) -- expect: 1 0 bool bool
debug.setmetatable(true, nil)

local co = coroutine.create(function(x) return x end)
debug.setmetatable(co, {
  __index = coroutine,
  __call = function(c, ...) return select(2, coroutine.resume(c, ...)) end,
})
print(co:status(), co("value"), co:status()) -- expect: suspended value dead
debug.setmetatable(co, nil)

-- Strings share one metatable; its __index is the string library.
local meta = getmetatable("")
meta.__index = function(s, k)
  if math.type(k) == "integer" then return s:sub(k, k) end
  return string[k]
end
meta.__call = function(s, ...) return s:format(...) end
print(("hello")[2], ("hello"):upper(), ("%d-%s")(1, "a")) -- expect: e HELLO 1-a
meta.__index = string
meta.__call = nil
print(("hello")[2]) -- expect: nil
