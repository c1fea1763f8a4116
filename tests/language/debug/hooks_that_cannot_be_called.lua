-- A protected call whose return cannot be reported, because its hook would be one call too deep, does
-- not catch that error itself.
local depth = 0
local function deeper()
  depth = depth + 1
  local ok, message = pcall(deeper)
  return ok, message
end
debug.sethook(function() end, "r")
local ok, inner, message = pcall(deeper)
debug.sethook()
print(ok, inner, message, depth > 100) -- expect: true true true true
-- Nor does one whose beginning cannot be reported.
depth = 0
debug.sethook(function() end, "c")
local result = pcall(deeper)
debug.sethook()
print(result, depth > 100) -- expect: true true
-- modes: plain stress peer trip:101 -- a hundred calls deep
