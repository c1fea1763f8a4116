local meta = {}
meta.__lt = function(x, y) return y < x end
meta.__le = function(x, y) return y < x end
local a, b = setmetatable({}, meta), setmetatable({}, meta)
while true do pcall(function() return a <= b end) end
