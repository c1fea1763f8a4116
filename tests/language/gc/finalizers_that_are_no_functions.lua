-- What can be called is called; the rest is a warning, as any error of a finalizer.
local callable = setmetatable({}, {__call = function(self, object) print("called for", object.name) end})
setmetatable({name = "first"}, {__gc = callable})
collectgarbage() -- expect: called for first
warn("@on")
setmetatable({}, {__gc = "text"})
collectgarbage()
-- expect stderr: Lua warning: error in __gc (attempt to call a string value
print("after") -- expect: after
setmetatable({}, {__gc = 5})
collectgarbage("step", 100000)
-- expect stderr: attempt to call a number value
setmetatable({name = "last"}, {__gc = callable})
-- expect: called for last
