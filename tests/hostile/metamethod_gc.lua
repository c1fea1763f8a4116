local meta = {}
meta.__gc = function() setmetatable({}, meta) end
setmetatable({}, meta)
while true do collectgarbage("step", 1) end
