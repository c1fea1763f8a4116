local meta = {}
meta.__concat = function(x, y) return y .. x end
local a, b = setmetatable({}, meta), setmetatable({}, meta)
while true do pcall(function() return a .. b end) end
