local meta = {}
meta.__tostring = function(self) return tostring(self.inner) end
local t = "end"
for _ = 1, 500 do t = setmetatable({ inner = t }, meta) end
while true do pcall(tostring, t) end
