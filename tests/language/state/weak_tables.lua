-- Weak tables hold on to what else is held, through full collections.
local keep = {{}, {}, function() end, coroutine.create(print)}
local values = setmetatable({}, {__mode = "v"})
local keys = setmetatable({}, {__mode = "k"})
local both = setmetatable({}, {__mode = "kv"})
for i, v in ipairs(keep) do
  values[i], keys[v], both[v] = v, i, v
end
local function add_garbage()
  for i = 10, 15 do
    local g = {}
    values[i], keys[g], both[g], both[i] = g, i, {}, {}
  end
  values.fn = function() return keep end
end
add_garbage()
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
for round = 1, 2 do
  collectgarbage()
  print(count(values), count(keys), count(both))
  -- expect: 4 4 4
  -- expect: 4 4 4
end
for i, v in ipairs(keep) do assert(values[i] == v and keys[v] == i and both[v] == v) end
-- Strings, numbers and booleans are values, never removed.
values.s, values.n, values.b = "a string of some length", 12, true
keys["str" .. "ing"], keys[5] = {}, {}
collectgarbage()
print(values.s, values.n, values.b, count(keys)) -- expect: a string of some length 12 true 6
table.remove(keep, 1)
collectgarbage()
print(count(values), count(keys), values[1]) -- expect: 6 5 nil
-- The mode is read from the metatable at collection.
getmetatable(values).__mode = nil
values.strong = {}
collectgarbage()
print(values.strong ~= nil) -- expect: true
