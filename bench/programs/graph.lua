-- A network whose nodes are tables that serve as keys: shortest ways, spanning trees, components,
-- and cycles.
--
-- group: hash tables
-- small: 800

local size = tonumber((...)) or 18000

local seed = 5
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local Node = {}
Node.__index = Node

local function network(n)
  local nodes, edges = {}, {}
  for i = 1, n do
    nodes[i] = setmetatable({name = "node" .. i, neighbours = {}, edges = {}}, Node)
  end
  local function connect(a, b)
    if a ~= b and not a.edges[b] then
      local length = random(100)
      a.edges[b], b.edges[a] = length, length
      table.insert(a.neighbours, b)
      table.insert(b.neighbours, a)
      edges[#edges + 1] = {number = #edges, from = a, to = b, length = length}
    end
  end
  for i = 2, n do
    connect(nodes[i], nodes[random(i - 1)])
    connect(nodes[random(n)], nodes[random(n)])
  end
  return nodes, edges
end

-- A heap of pairs of a distance and a node.
local function push(heap, distance, node)
  local i = #heap + 1
  while i > 1 do
    local parent = math.floor(i / 2)
    if heap[parent].distance <= distance then
      break
    end
    heap[i] = heap[parent]
    i = parent
  end
  heap[i] = {distance = distance, node = node}
end

local function pop(heap)
  local top = heap[1]
  local last = table.remove(heap)
  local n = #heap
  if n > 0 then
    local i = 1
    while true do
      local child = 2 * i
      if child > n then
        break
      end
      if child < n and heap[child + 1].distance < heap[child].distance then
        child = child + 1
      end
      if heap[child].distance >= last.distance then
        break
      end
      heap[i] = heap[child]
      i = child
    end
    heap[i] = last
  end
  return top
end

-- Dijkstra's algorithm.
local function distances(start)
  local known, heap = {}, {}
  push(heap, 0, start)
  while #heap > 0 do
    local top = pop(heap)
    local node, distance = top.node, top.distance
    if not known[node] then
      known[node] = distance
      for _, neighbour in ipairs(node.neighbours) do
        if not known[neighbour] then
          push(heap, distance + node.edges[neighbour], neighbour)
        end
      end
    end
  end
  return known
end

-- Kruskal's algorithm; the leader of a component is found along links that get shorter.
local function spanning_tree(nodes, edges)
  local leader = {}
  for _, node in ipairs(nodes) do
    leader[node] = node
  end
  local function find(node)
    while leader[node] ~= node do
      leader[node] = leader[leader[node]]
      node = leader[node]
    end
    return node
  end
  table.sort(edges, function(a, b)
    if a.length ~= b.length then
      return a.length < b.length
    end
    return a.number < b.number
  end)
  local tree, length = {}, 0
  for _, edge in ipairs(edges) do
    local a, b = find(edge.from), find(edge.to)
    if a ~= b then
      leader[a] = b
      tree[edge] = true
      length = length + edge.length
    end
  end
  return tree, length
end

-- Everything that can be reached, with a stack of its own.
local function reach(start)
  local seen, stack, count = {[start] = true}, {start}, 1
  while #stack > 0 do
    local node = table.remove(stack)
    for neighbour in pairs(node.edges) do
      if not seen[neighbour] then
        seen[neighbour] = true
        count = count + 1
        stack[#stack + 1] = neighbour
      end
    end
  end
  return count
end

-- Without an edge: nodes that can no longer be reached from one end.
local function cut(edge)
  edge.from.edges[edge.to], edge.to.edges[edge.from] = nil, nil
  local count = reach(edge.from)
  edge.from.edges[edge.to], edge.to.edges[edge.from] = edge.length, edge.length
  return count
end

local nodes, edges = network(size)
local known = distances(nodes[1])
local count, sum = 0, 0
for _, node in ipairs(nodes) do
  count = count + 1
  sum = sum + known[node]
end
for _, edge in ipairs(edges) do
  assert(math.abs(known[edge.from] - known[edge.to]) <= edge.length, "shortest")
end

local tree, length = spanning_tree(nodes, edges)
local branches = 0
for edge in pairs(tree) do
  branches = branches + 1
  assert(edge.length > 0, "branch")
end
assert(branches == size - 1, "tree")
assert(reach(nodes[size]) == size, "one component")
for i = 1, 5 do
  local rest = cut(edges[i])
  assert(rest == size or rest < size and tree[edges[i]], "bridge")
end

local by_name = {}
for _, node in ipairs(nodes) do
  by_name[node.name] = node
end
for i = 1, size do
  assert(by_name["node" .. i] == nodes[i], "name")
end
if size == 18000 then
  assert(sum == 3864427 and length == 521606, "lengths")
end
