-- getmetatable, setmetatable, getregistry, uservalues, and calls with odd arguments.
local t = setmetatable({}, {__metatable = "hidden"})
print(getmetatable(t), type(debug.getmetatable(t)), debug.getmetatable(t).__metatable)
-- expect: hidden table hidden
print(debug.setmetatable(t, nil) == t, getmetatable(t)) -- expect: true nil
print(debug.getmetatable("").__index == string, debug.getmetatable(1), debug.getmetatable(nil))
-- expect: true nil nil
print(pcall(debug.setmetatable, t, 1))
-- expect: false bad argument #2 to 'debug.setmetatable' (nil or table expected, got number)
print(pcall(debug.getmetatable))
-- expect: false bad argument #1 to 'debug.getmetatable' (value expected)
local registry = debug.getregistry()
print(type(registry), registry[2] == _G, registry._LOADED == package.loaded)
-- expect: table true true
print(type(registry[1]), registry[1] == coroutine.running()) -- expect: thread true
print(debug.getuservalue(io.stdout, 1), debug.getuservalue(1), debug.getuservalue({}))
-- expect: nil nil nil
print(pcall(debug.setuservalue, {}, 1))
-- expect: false bad argument #1 to 'debug.setuservalue' (userdata expected, got table)
print(type(debug.traceback), type(debug.debug), type(debug.sethook))
-- expect: function function function
print(pcall(debug.sethook, 1, "c"))
-- expect: false bad argument #1 to 'debug.sethook' (function expected, got number)
print(pcall(debug.traceback, "m", "x"))
-- expect: false bad argument #2 to 'debug.traceback' (number expected, got string)
print(pcall(debug.upvalueid, 1, 1))
-- expect: false bad argument #1 to 'debug.upvalueid' (function expected, got number)
