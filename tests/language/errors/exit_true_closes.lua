-- os.exit(code, true) closes the state: finalizers run, pending variables are closed.
local guard <close> = setmetatable({}, {__close = function() print("closed") end})
kept = setmetatable({}, {__gc = function() print("finalized") end})
print("leaving")
-- expect: leaving
-- expect: closed
-- expect: finalized
os.exit(true, true)
-- expect exit: 0
