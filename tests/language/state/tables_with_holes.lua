-- Holes in the array part, at its ends, and elements far behind it.
local t = {1, nil, 3, nil, 5}
t[10], t[20] = 10, 20
local function content()
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return table.concat(keys, " ")
end
print(content()) -- expect: 1 3 5 10 20
t[2] = 2
t[20] = nil
print(content()) -- expect: 1 2 3 5 10
for i = 1, 12 do t[i] = i end
print(content(), #t) -- expect: 1 2 3 4 5 6 7 8 9 10 11 12 12
for i = 2, 12, 2 do t[i] = nil end
print(content()) -- expect: 1 3 5 7 9 11
local border = #t
print(t[border] ~= nil and t[border + 1] == nil) -- expect: true
-- Growing over a hole, shrinking from the front.
for i = 13, 18 do t[i] = i end
for i = 1, 5 do t[i] = nil end
print(content()) -- expect: 7 9 11 13 14 15 16 17 18
border = #t
print(border == 0 or (t[border] ~= nil and t[border + 1] == nil)) -- expect: true
-- Negative indices and zero are no part of the sequence.
local z = {[0] = "z", [-1] = "m", "a", "b"}
z[-1], z[3] = nil, "c"
print(#z, z[0], z[-1], z[3]) -- expect: 3 z nil c
-- table.pack and select keep trailing nils, # does not know about them.
local p = table.pack(nil, 2, nil)
print(p.n, p[1], p[2], p[3]) -- expect: 3 nil 2 nil
-- A queue that wanders through the index space.
local queue, first, last = {}, 1, 0
local sum = 0
for i = 1, 40 do
  last = last + 1
  queue[last] = i
  if i % 3 ~= 0 then
    sum = sum + queue[first]
    queue[first] = nil
    first = first + 1
  end
end
local rest = 0
for _ in pairs(queue) do rest = rest + 1 end
print(sum, first, last, rest) -- expect: 378 28 40 13
