-- Files close by <close>, by collection, and at the end of io.lines loops.
local name = os.tmpname()
do
  local f <close> = assert(io.open(name, "w"))
  f:write("kept")
end
local f = io.open(name)
print(f:read("a")) -- expect: kept
local ok = pcall(function()
  local g <close> = f
  error("out")
end)
print(ok, io.type(f)) -- expect: false closed file
-- Data written to a file that is dropped arrives.
local function drop()
  local h = io.open(name, "w")
  h:write("flushed by the collector")
end
drop()
collectgarbage()
collectgarbage()
local r = io.open(name)
print(r:read("a")) -- expect: flushed by the collector
r:close()
-- io.lines with a file name closes the file at the end of the loop, file:lines does not.
for l in io.lines(name) do print(#l) end -- expect: 24
local g = io.open(name)
for _ in g:lines() do end
print(io.type(g)) -- expect: file
g:close()
-- Leaving the loop early closes as well, through the fourth value.
local _, _, _, file = io.lines(name)
print(io.type(file)) -- expect: file
for l in io.lines(name) do break end
print(getmetatable(file).__name, getmetatable(file).__close ~= nil, getmetatable(file).__gc ~= nil)
-- expect: FILE* true true
file:close()
os.remove(name)
