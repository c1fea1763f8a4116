-- 100,000 suspended coroutines, each a few calls deep, with data of its own.
local directory = arg[0]:match("^(.*/)") or ""
local measure = dofile(directory .. "loop.lua")
local megabytes, rounds = tonumber(arg[1]) or 500, tonumber(arg[2]) or 4000000

local function descend(depth, data)
  if depth == 0 then
    coroutine.yield(#data)
    return 0
  end
  local sum = descend(depth - 1, data) + depth
  return sum
end

local heap = {}
for i = 1, 200 * megabytes do
  local thread = coroutine.create(function(data)
    return descend(5, data)
  end)
  coroutine.resume(thread, {i, i + 1, i + 2})
  heap[i] = thread
end
local i = 0
while collectgarbage("count") < megabytes * 1024 do
  i = i % #heap + 1
  heap[#heap + 1] = {heap[i], {}, {}, {}, {}}
end
measure("coroutines", heap, rounds)
