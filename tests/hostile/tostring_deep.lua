local meta = {}
meta.__tostring = function(self) return tostring(self.inner) end
local t = "end"
for _ = 1, 150 do t = setmetatable({ inner = t }, meta) end
while true do tostring(t) end
