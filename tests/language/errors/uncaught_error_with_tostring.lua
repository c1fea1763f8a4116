-- An error object with __tostring is reported by it.
local problem = setmetatable({}, {__tostring = function() return "a described problem" end})
local function deep(n)
  if n == 0 then error(problem) end
  deep(n - 1)
end
local cleanup <close> = setmetatable({}, {__close = function() print("cleaned up") end})
print("before")
-- expect: before
-- expect: cleaned up
deep(3)
-- expect error: a described problem
