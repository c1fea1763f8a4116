-- Iterators and callbacks that could go on for ever and are told to stop.
local function forever() return function(_, i) return (i or 0) + 1 end end
local n = 0
for i in forever() do n = n + i if i == 100 then break end end
print(n) -- expect: 5050
local ok, message = pcall(function()
  for i in forever() do if i == 50 then error("enough", 0) end end
end)
print(ok, message) -- expect: false enough
-- A generator without end, abandoned in the middle, three times.
local function naturals()
  return coroutine.wrap(function()
    local i = 0
    while true do
      i = i + 1
      coroutine.yield(i)
    end
  end)
end
local total = 0
for _ = 1, 3 do for i in naturals() do total = total + i if i > 9 then break end end end
print(total) -- expect: 165
-- gsub, sort and load with callbacks that stop the whole by an error.
local calls = 0
print(pcall(string.gsub, ("x"):rep(100), "x", function()
  calls = calls + 1
  if calls == 10 then error("stop gsub", 0) end
end)) -- expect: false stop gsub
print(pcall(table.sort, {5, 4, 3, 2, 1}, function(a, b) error("stop sort", 0) end))
-- expect: false stop sort
print(pcall(load, function() error("stop load", 0) end)) -- expect: true nil stop load
-- An endless reader is ended by its size in the end; here after a while by itself.
local pieces = 0
local f = load(function()
  pieces = pieces + 1
  if pieces > 300 then return nil end
  return "local x" .. " = 1; do end "
end)
print(f == nil, pieces > 200) -- expect: true true
-- A loop whose condition is a function of the loop.
local x, turns = 1, 0
while (function() x = x * 2 return x < 1e6 end)() do turns = turns + 1 end
print(turns) -- expect: 19
local list = setmetatable({}, {__index = function(t, i) if i < 200 then return i end end})
local seen = 0
for _, v in ipairs(list) do seen = seen + v end
print(seen) -- expect: 19900
