-- Weak tables whose values lead to the next key: chains of ephemerons, and a cache of weak values.
local directory = arg[0]:match("^(.*/)") or ""
local measure = dofile(directory .. "loop.lua")
local megabytes, rounds = tonumber(arg[1]) or 500, tonumber(arg[2]) or 4000000

local notes = setmetatable({}, {__mode = "k"})
local cache = setmetatable({}, {__mode = "v"})
local heap = {}
while collectgarbage("count") < megabytes * 1024 do
  local first = {}
  heap[#heap + 1] = first
  local key = first
  for i = 1, 10 do
    local value = {next = {}, text = "note " .. i}
    notes[key] = value
    key = value.next
  end
  cache[#cache + 1] = key
  cache[#heap] = first
end
measure("ephemerons", {heap, notes, cache}, rounds)
