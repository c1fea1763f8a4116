-- table functions over proxies whose metamethods work.
local function work() local s = 0 for i = 1, 2 do s = s + i end return s end
local reads, writes = 0, 0
local function proxy(data)
  return setmetatable({}, {
    __index = function(_, k) work() reads = reads + 1 return data[k] end,
    __newindex = function(_, k, v) work() writes = writes + 1 data[k] = v end,
    __len = function() work() return #data end,
  })
end
local data = {"a", "b", "c"}
local p = proxy(data)
table.insert(p, "d")
table.insert(p, 1, "z")
print(table.concat(data, " "), reads, writes) -- expect: z a b c d 4 6
print(table.remove(p, 1), table.remove(p), table.concat(data, " ")) -- expect: z d a b c
print(table.concat(p, "-"), table.concat(p, "", 2, 3)) -- expect: a-b-c bc
print(table.unpack(p)) -- expect: a b c
print(table.unpack(p, 2, 5)) -- expect: b c nil nil
local target = {}
table.move(p, 1, 3, 2, proxy(target))
print(target[1], target[2], target[3], target[4]) -- expect: nil a b c
table.move(p, 1, 2, 2)
print(table.concat(data, " ")) -- expect: a a b
print(#table.pack(table.unpack(p)), next(p), #p, rawlen(p)) -- expect: 3 nil 3 0
for i, v in ipairs(p) do io.write(i, v, " ") end
print() -- expect: 1a 2a 3b
-- Elements that are numbers, and the error for others.
print(table.concat(proxy({1, 2.5, "x"}), ",")) -- expect: 1,2.5,x
print(pcall(table.concat, proxy({1, {}, 3})))
-- expect: false invalid value (table) at index 2 in table for 'concat'
print(pcall(table.insert, p, 9, "x"))
-- expect: false bad argument #2 to 'table.insert' (position out of bounds)
-- An error in the middle of an insertion leaves what was moved so far.
local list = {1, 2, 3, 4}
local n = 0
local fragile = setmetatable({}, {
  __index = list,
  __len = function() return #list end,
  __newindex = function(_, k, v)
    n = n + 1
    if n == 3 then error("full", 0) end
    list[k] = v
  end,
})
print(pcall(table.insert, fragile, 1, "new")) -- expect: false full
print(table.concat(list, " ")) -- expect: 1 2 3 3 4
