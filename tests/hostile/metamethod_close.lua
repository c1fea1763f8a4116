local meta = {}
meta.__close = function() local inner <close> = setmetatable({}, meta) end
while true do pcall(function() local outer <close> = setmetatable({}, meta) end) end
