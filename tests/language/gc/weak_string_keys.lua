-- modes: plain trip:101 stress fail -- tens of thousands of safepoints
-- A string that is a key in a weak table goes with its entry, in one collection; it stays when the
-- value stays, or is put in another's place while the collector looks.
collectgarbage()
local before = collectgarbage("count")
local weak = setmetatable({}, {__mode = "kv"})
weak[string.rep("a", 1 << 20)] = 25
weak[string.rep("b", 1 << 20)] = {}
weak[string.rep("c", 1 << 20)] = before
collectgarbage()
local kilobytes = collectgarbage("count") - before
print(kilobytes >= 2048 and kilobytes < 2200) -- expect: true
print(weak[string.rep("a", 1 << 20)], weak[string.rep("b", 1 << 20)]) -- expect: 25	nil

-- Values that come and go at every stage of a cycle.
local kept = {}
for round = 1, 300 do
  local n = round % 50 + 1
  local key = "a key that is long enough not to be interned, number " .. n
  weak[key] = {}
  if round % 3 == 0 then weak[key] = kept end
  for _ = 1, 40 do local garbage = {round} end
end
local found = 0
for key, value in pairs(weak) do
  if value == kept and #key > 40 and key:find("number") then found = found + 1 end
end
collectgarbage()
for key, value in pairs(weak) do
  if value == kept then assert(key:find("interned, number %d+$") and weak[key] == kept) end
end
print(found > 0) -- expect: true

-- A step does work even when nothing has been going on.
collectgarbage("stop")
local list = {}
for n = 1, 100 do list[n] = {{}} end
list = nil
local full = collectgarbage("count")
print(collectgarbage("step", 20000), collectgarbage("count") < full) -- expect: true	true
collectgarbage("restart")
