local a, b = {}, {}
setmetatable(a, { __index = function(_, key) return b[key] end })
setmetatable(b, { __index = function(_, key) return a[key] end })
while true do pcall(function() return a.x end) end
