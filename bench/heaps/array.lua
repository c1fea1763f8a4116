-- One array of ten million elements, each of them a table that others share.
local directory = arg[0]:match("^(.*/)") or ""
local measure = dofile(directory .. "loop.lua")
local megabytes, rounds = tonumber(arg[1]) or 500, tonumber(arg[2]) or 4000000

local shared, heap = {}, {}
for i = 1, 20000 * megabytes do
  if i % 10 == 1 then
    shared = {number = i}
  end
  heap[i] = shared
end
while collectgarbage("count") < megabytes * 1024 do
  heap[#heap] = {heap[#heap], {}, {}, {}}
end
measure("array", heap, rounds)
