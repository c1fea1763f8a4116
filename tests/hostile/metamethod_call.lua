local a, b = {}, {}
setmetatable(a, { __call = function(...) return b(...) end })
setmetatable(b, { __call = function(_, ...) return a(...) end })
while true do pcall(a) end
