-- Yields inside iterators, in the loop body, and in closing values.
local function iterator(limit)
  return function(state, control)
    coroutine.yield("iterator " .. control)
    if control < state then return control + 1 end
  end, limit, 0, setmetatable({}, {__close = function() coroutine.yield("closing") end})
end
local co = coroutine.wrap(function()
  for i in iterator(2) do coroutine.yield("body " .. i) end
  for i in iterator(5) do break end
  return "end"
end)
local seen = {}
repeat
  local v = co()
  seen[#seen + 1] = v
until v == "end"
print(table.concat(seen, ", "))
-- expect: iterator 0, body 1, iterator 1, body 2, iterator 2, closing, iterator 0, closing, end

-- A tree walker as a recursive generator.
local function walk(tree)
  if tree then
    walk(tree.left)
    coroutine.yield(tree.value)
    walk(tree.right)
  end
end
local function insert(tree, v)
  if not tree then return {value = v} end
  local side = v < tree.value and "left" or "right"
  tree[side] = insert(tree[side], v)
  return tree
end
local tree
for _, v in ipairs {5, 2, 8, 1, 9, 3} do tree = insert(tree, v) end
local out = {}
for v in coroutine.wrap(function() walk(tree) end) do out[#out + 1] = v end
print(table.concat(out, " ")) -- expect: 1 2 3 5 8 9

-- Generators over generators.
local function count(n)
  return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end)
end
local function filter(f, g)
  return coroutine.wrap(function() for v in g do if f(v) then coroutine.yield(v) end end end)
end
local function map(f, g)
  return coroutine.wrap(function() for v in g do coroutine.yield(f(v)) end end)
end
local result = {}
for v in map(function(x) return x * x end, filter(function(x) return x % 2 == 1 end, count(7))) do
  result[#result + 1] = v
end
print(table.concat(result, " ")) -- expect: 1 9 25 49
