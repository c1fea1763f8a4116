-- Globals are fields of _ENV, which is a variable like others.
x = 1
print(_ENV.x, _G.x, _ENV == _G) -- expect: 1 1 true
_ENV.y = 2
print(y) -- expect: 2
_G["with blank"] = 3
print(_ENV["with blank"], undefined_variable) -- expect: 3 nil

do
  local print = print
  local _ENV = {x = "inner"}
  print(x, y) -- expect: inner nil
  z = "only here"
  print(_ENV.z) -- expect: only here
end
print(z, x) -- expect: nil 1

local function sandbox(_ENV) a = 1; b = a + 1; return _ENV end
local env = sandbox({})
print(env.a, env.b, a) -- expect: 1 2 nil
local function counter()
  local _ENV = {n = 0}
  return function() n = n + 1; return n end
end
local c = counter()
c()
print(c(), n) -- expect: 2 nil

-- load takes the environment of a chunk.
local e = {print = print}
load("v = 5; print(v)", "chunk", "t", e)() -- expect: 5
print(e.v, v) -- expect: 5 nil
local with_meta = setmetatable({}, {
  __index = _G,
  __newindex = function(t, k, val) rawset(t, k, val * 2) end,
})
load("doubled = 21; print(doubled)", "chunk", "t", with_meta)() -- expect: 42
print(doubled) -- expect: nil
print(pcall(load("return x", "=c", "t", nil)))
-- expect: false c:1: attempt to index a nil value (upvalue '_ENV')
local f = load("local _ENV <const> = {k = 'const env'}; return k")
print(f()) -- expect: const env
x, y = nil, nil
_G["with blank"] = nil
print(select(2, pcall(load("local _ENV = nil; x = 1", "=c"))))
-- expect: c:1: attempt to index a nil value (local '_ENV')
print(select(2, pcall(load("local _ENV = {}; f()", "=c"))))
-- expect: c:1: attempt to call a nil value (global 'f')
