local a, b = {}, {}
setmetatable(a, { __newindex = function(_, key, value) b[key] = value end })
setmetatable(b, { __newindex = function(_, key, value) a[key] = value end })
while true do pcall(function() a.x = 1 end) end
