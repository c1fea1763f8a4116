-- A forest of binary trees with names at their leaves.
local directory = arg[0]:match("^(.*/)") or ""
local measure = dofile(directory .. "loop.lua")
local megabytes, rounds = tonumber(arg[1]) or 500, tonumber(arg[2]) or 4000000

local function grow(depth, number)
  if depth == 0 then
    return {name = "leaf " .. number}
  end
  return {grow(depth - 1, 2 * number), grow(depth - 1, 2 * number + 1)}
end

local heap = {}
while collectgarbage("count") < megabytes * 1024 do
  heap[#heap + 1] = grow(12, #heap * 4096)
end
measure("trees", heap, rounds)
