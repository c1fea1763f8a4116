-- An object that its finalizer saves is alive again; weak tables treat it by kind.
local weak_values = setmetatable({}, {__mode = "v"})
local weak_keys = setmetatable({}, {__mode = "k"})
local saved, runs = nil, 0
local mt
mt = {__gc = function(o)
  runs = runs + 1
  saved = o
  o.seen_as_key = weak_keys[o]
  o.seen_as_value = weak_values.o
end}
local function make()
  local o = setmetatable({part = {name = "part"}}, mt)
  weak_values.o, weak_values.part = o, o.part
  weak_keys[o] = "key value"
end
make()
collectgarbage()
print(runs, saved.part.name, saved.seen_as_key, saved.seen_as_value) -- expect: 1 part key value nil
print(weak_keys[saved], weak_values.o) -- expect: key value nil
-- It is not finalized again, unless it is marked again.
saved = nil
collectgarbage()
print(runs, saved) -- expect: 1 nil
make()
collectgarbage()
setmetatable(saved, mt)
print(runs) -- expect: 2
saved = nil
collectgarbage()
print(runs, saved ~= nil) -- expect: 3 true
-- A finalizer that marks its object again runs in each collection.
local again = 0
local forever = {}
forever.__gc = function(o)
  again = again + 1
  if again < 4 then setmetatable(o, forever) end
end
setmetatable({}, forever)
for _ = 1, 6 do collectgarbage() end
print(again) -- expect: 4
