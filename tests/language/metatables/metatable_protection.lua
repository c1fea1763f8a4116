-- setmetatable and getmetatable; the __metatable field.
local t = {}
print(getmetatable(t), setmetatable(t, {}) == t, getmetatable(t) ~= nil) -- expect: nil true true
print(getmetatable(setmetatable(t, nil))) -- expect: nil
local locked = setmetatable({}, {__metatable = "locked"})
print(getmetatable(locked)) -- expect: locked
print(pcall(setmetatable, locked, {})) -- expect: false cannot change a protected metatable
print(pcall(setmetatable, locked, nil)) -- expect: false cannot change a protected metatable
print(getmetatable(setmetatable({}, {__metatable = false}))) -- expect: false
print(getmetatable("").__index == string, getmetatable("").__name) -- expect: true nil
print(pcall(setmetatable, 1, {}))
-- expect: false bad argument #1 to 'setmetatable' (table expected, got number)
print(pcall(setmetatable, {}, 1))
-- expect: false bad argument #2 to 'setmetatable' (nil or table expected, got number)
print(pcall(setmetatable, {}))
-- expect: false bad argument #2 to 'setmetatable' (nil or table expected, got no value)
print(getmetatable(1), getmetatable(print), getmetatable(nil), getmetatable(true))
-- expect: nil nil nil nil
print(pcall(getmetatable)) -- expect: false bad argument #1 to 'getmetatable' (value expected)
-- The debug library passes the protection by.
print(debug.getmetatable(locked).__metatable) -- expect: locked
debug.setmetatable(locked, nil)
print(getmetatable(locked)) -- expect: nil
-- One metatable may serve many tables, and a table may be its own.
local mt = {__index = {greeting = "hi"}}
local list = {}
for i = 1, 3 do list[i] = setmetatable({}, mt) end
print(list[1].greeting, list[3].greeting, getmetatable(list[1]) == getmetatable(list[2]))
-- expect: hi hi true
mt.__index = {greeting = "changed"}
print(list[2].greeting) -- expect: changed
local own = {}
own.__index = function(_, k) return "own " .. k end
setmetatable(own, own)
print(own.x, getmetatable(own) == own) -- expect: own x true
