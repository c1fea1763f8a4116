-- Trees that are built and thrown away while one large tree stays; search trees that grow, are
-- turned, and shrink.
--
-- group: collector
-- small: 10

local size = tonumber((...)) or 15

-- A complete tree of the given depth; leaves are empty tables.
local function grow(depth)
  if depth == 0 then
    return {}
  end
  return {grow(depth - 1), grow(depth - 1)}
end

local function count(tree)
  if not tree[1] then
    return 1
  end
  return 1 + count(tree[1]) + count(tree[2])
end

-- A search tree whose nodes carry random ranks, so that it stays flat.
local seed = 1
local function rank()
  seed = seed * 16807 % 2147483647
  return seed
end

local function insert(node, key)
  if not node then
    return {key = key, rank = rank(), size = 1}
  end
  if key < node.key then
    node.left = insert(node.left, key)
    if node.left.rank > node.rank then
      local left = node.left
      node.left, left.right = left.right, node
      node = left
    end
  elseif key > node.key then
    node.right = insert(node.right, key)
    if node.right.rank > node.rank then
      local right = node.right
      node.right, right.left = right.left, node
      node = right
    end
  end
  return node
end

local function merge(left, right)
  if not left then
    return right
  elseif not right then
    return left
  elseif left.rank > right.rank then
    left.right = merge(left.right, right)
    return left
  end
  right.left = merge(left, right.left)
  return right
end

local function remove(node, key)
  if not node then
    return nil
  elseif key < node.key then
    node.left = remove(node.left, key)
  elseif key > node.key then
    node.right = remove(node.right, key)
  else
    return merge(node.left, node.right)
  end
  return node
end

local function walk(node, visit)
  if node then
    walk(node.left, visit)
    visit(node.key)
    walk(node.right, visit)
  end
end

-- A tree that is never changed: each insertion makes a new path from the root.
local function with(node, key)
  if not node then
    return {key = key}
  elseif key < node.key then
    return {key = node.key, left = with(node.left, key), right = node.right}
  elseif key > node.key then
    return {key = node.key, left = node.left, right = with(node.right, key)}
  end
  return node
end

local lasting = grow(size)
for depth = 4, size, 2 do
  local trees = 2 ^ (size - depth + 2)
  local nodes = 0
  for _ = 1, trees do
    nodes = nodes + count(grow(depth))
  end
  assert(nodes == trees * (2 ^ (depth + 1) - 1), "nodes")
end
assert(count(lasting) == 2 ^ (size + 1) - 1, "large tree")

local n = 2 ^ size
local root
for i = 1, n do
  root = insert(root, i * 7919 % n)
end
local previous, members = -1, 0
walk(root, function(key)
  assert(key == previous + 1, "order")
  previous, members = key, members + 1
end)
assert(members == n, "members")
for i = 0, n - 1, 2 do
  root = remove(root, i)
end
members = 0
walk(root, function(key)
  assert(key % 2 == 1, "odd")
  members = members + 1
end)
assert(members == n / 2, "rest")

local versions = {}
for i = 1, n / 4 do
  versions[i] = with(versions[i - 1], i * 7919 % n)
end
for i = 1, #versions, #versions / 4 do
  members = 0
  walk(versions[i], function()
    members = members + 1
  end)
  assert(members == i, "version")
end
