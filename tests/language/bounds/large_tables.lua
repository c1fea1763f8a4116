-- Work whose length depends on a table: unpack, move, concat, insert at the front, sort.
local n = 1500
local t = {}
for i = 1, n do t[i] = (i * 7919) % n end
local copy = table.move(t, 1, n, 1, {})
print(#copy, copy[1] == t[1], copy[n] == t[n]) -- expect: 1500 true true
table.sort(copy)
print(copy[1], copy[n], copy[n // 2]) -- expect: 0 1499 749
table.insert(copy, 1, "front")
print(#copy, copy[1], copy[2], table.remove(copy, 1), #copy) -- expect: 1501 front 0 front 1500
print(select("#", table.unpack(t)), #table.concat(t, ",")) -- expect: 1500 6389
table.move(t, 1, n, 2)
print(t[1] == t[2], #t) -- expect: true 1501
print(#{table.unpack(t, 1, 1000)}, table.pack(table.unpack(t, 1, 900)).n) -- expect: 1000 900
print(math.max(table.unpack(t, 1, 500)) <= n, string.char(table.unpack({65, 66}, 1, 2)))
-- expect: true AB
local count = 0
for _ in pairs(t) do count = count + 1 end
print(count) -- expect: 1501
-- A list of lists, walked without recursion.
local root, total = {}, 0
local function fill(node, depth)
  if depth == 0 then node[1] = 1 return end
  for i = 1, 3 do node[i] = {} fill(node[i], depth - 1) end
end
fill(root, 4)
local stack = {root}
while #stack > 0 do
  local node = table.remove(stack)
  for _, v in ipairs(node) do
    if type(v) == "table" then stack[#stack + 1] = v else total = total + v end
  end
end
print(total) -- expect: 81
