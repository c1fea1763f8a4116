-- modes: plain -- freezing and the stress mode collect on their own account
-- While it is stopped the collector removes nothing; a step or a full collection still does.
collectgarbage("stop")
local weak = setmetatable({{}}, {__mode = "v"})
local finalized = false
local function garbage() setmetatable({}, {__gc = function() finalized = true end}) end
garbage()
for i = 1, 200 do local _ = {i} end
print(weak[1] ~= nil, finalized, collectgarbage("isrunning")) -- expect: true false false
collectgarbage()
print(weak[1], finalized, collectgarbage("isrunning")) -- expect: nil true false
collectgarbage("restart")
print(collectgarbage("isrunning")) -- expect: true
-- Allocation alone makes it run.
local turns = 0
finalized = false
garbage()
while not finalized do
  turns = turns + 1
  local _ = ("x"):rep(100) .. turns
  if turns > 1e6 then break end
end
print(finalized) -- expect: true
