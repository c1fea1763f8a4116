local a, b = {}, {}
local meta = { __eq = function(x, y) return y == x end }
setmetatable(a, meta)
setmetatable(b, meta)
while true do pcall(function() return a == b end) end
