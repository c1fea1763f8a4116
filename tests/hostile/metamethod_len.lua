local meta = {}
meta.__len = function(x) return #x end
local a = setmetatable({}, meta)
while true do pcall(function() return #a end) end
