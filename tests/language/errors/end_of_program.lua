-- At the end of the program pending variables are closed, then finalizers run, last object first.
local last <close> = setmetatable({}, {__close = function() print("closed") end})
for i = 1, 3 do
  local object = setmetatable({}, {__gc = function() print("finalizer " .. i) end})
  _G["kept" .. i] = object
end
-- An error in a finalizer is a warning, and the rest still runs.
failing = setmetatable({}, {__gc = function() error("not seen") end})
print("end")
-- expect: end
-- expect: closed
-- expect: finalizer 3
-- expect: finalizer 2
-- expect: finalizer 1
