-- error() passes any value; the level says whose position is added to a string.
print(pcall(error, "message")) -- expect: false message
print(pcall(error, "message", 0)) -- expect: false message
print(pcall(error)) -- expect: false nil
print(pcall(error, nil)) -- expect: false nil
print(pcall(error, 42), pcall(error, true)) -- expect: false false true
local object = {code = 7}
local ok, e = pcall(error, object)
print(ok, e == object, e.code) -- expect: false true 7

local function strip(s) return (tostring(s):gsub("^[^:]*:", "")) end
local function thrower(level) error("here", level) end
local function caller(level)
  local _ = 1
  thrower(level)
end
print(strip(select(2, pcall(caller)))) -- the line of error() -- expect: 12: here
print(strip(select(2, pcall(caller, 1)))) -- expect: 12: here
print(strip(select(2, pcall(caller, 2)))) -- the line of the call -- expect: 15: here
print(select(2, pcall(caller, 0))) -- expect: here
print(strip(select(2, pcall(function() caller(3) end)))) -- expect: 21: here
print(select(2, pcall(caller, 50))) -- expect: here
-- Numbers get no position, numeric strings do.
print(pcall(function() error(12) end)) -- expect: false 12
print(strip(select(2, pcall(function() error("12") end)))) -- expect: 25: 12

-- Nested pcalls: each catches what happens inside of it only.
print(pcall(pcall)) -- expect: false bad argument #1 to 'pcall' (value expected)
print(pcall(pcall, error, "x")) -- expect: true false x
local log = {}
local ok2, e2 = pcall(function()
  local inner_ok, inner = pcall(error, "inner", 0)
  log[#log + 1] = inner
  error("outer after " .. inner, 0)
end)
print(ok2, e2, log[1]) -- expect: false outer after inner inner
print(select("#", pcall(function() return nil, nil end)), pcall(function() return 1, nil, 3 end))
-- expect: 3 true 1 nil 3
-- An error that travels through several functions and a coroutine.
local co = coroutine.create(function() pcall(error, "swallowed"); error(object) end)
local cok, ce = coroutine.resume(co)
print(cok, ce == object, coroutine.status(co)) -- expect: false true dead
print(select(2, pcall(coroutine.wrap(function() error("wrapped", 0) end)))) -- expect: wrapped
-- error with a table that has __tostring stays a table.
local pretty = setmetatable({}, {__tostring = function() return "pretty" end})
local _, value = pcall(error, pretty)
print(type(value), value) -- expect: table pretty
