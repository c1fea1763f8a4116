-- modes: plain stress -- sixty times forty thousand calls deep
-- A tail call that fails has given up its frame; what called that one goes on as if nothing had been.
-- `wide` wants 200 registers: at some depth there is room for `passes`, but not for what it calls.
local names = {}
for n = 1, 200 do names[n] = "v" .. n end
local wide = load("local " .. table.concat(names, ",") .. " = 1; return v1")
local function passes() return wide() end
local deepest
local function dive(n, to)
  deepest = n
  if n == to then return pcall(passes) end
  local ok, message = dive(n + 1, to)
  return ok, message
end
pcall(dive, 1)
local failed, others = 0, 0
for to = deepest - 60, deepest - 1 do
  local reached, ok, message = pcall(dive, 1, to)
  if reached and not ok then
    failed = failed + 1
    if not tostring(message):find("stack overflow") then others = others + 1 end
  end
end
print(failed > 10, others) -- expect: true 0
-- None of them counts as nested now.
print(pcall(pcall, pcall, pcall, error, "inner")) -- expect: true true true false inner
print(pcall(string.gsub, "x", "x", function() return nil end)) -- expect: true x 1
