-- A value that refers to its own weak key does not keep it alive, in chains neither.
local e = setmetatable({}, {__mode = "k"})
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
local function selfish()
  for _ = 1, 3 do
    local k = {}
    e[k] = {back = k}
  end
  local fn = function() end
  e[fn] = function() return fn end
end
selfish()
collectgarbage()
print(count(e)) -- expect: 0
-- A chain: each value is the key of the next entry.
local head = {}
local function chain(n)
  local k = head
  for i = 1, n do
    local v = {i = i}
    e[k] = v
    k = v
  end
end
chain(6)
collectgarbage()
local n, k = 0, head
while e[k] do k = e[k]; n = n + 1 end
print(n, count(e), k.i) -- expect: 6 6 6
e[e[head]] = nil
collectgarbage()
print(count(e)) -- expect: 1
head = nil
collectgarbage()
print(count(e)) -- expect: 0
-- Through two ephemeron tables.
local e2 = setmetatable({}, {__mode = "k"})
local root = {}
local function cross()
  local a, b = {}, {}
  e[root] = a
  e2[a] = b
  e[b] = {"end"}
end
cross()
collectgarbage()
print(e[e2[e[root]]][1]) -- expect: end
root = nil
collectgarbage()
print(count(e), count(e2)) -- expect: 0 0
