-- Mazes on a grid: carved with a stack, flooded with a queue, and solved; then a tour of a deque
-- and of a pile of plates.
--
-- group: arrays
-- small: 2

local size = tonumber((...)) or 80
local width, height = 101, 101

local seed = 4
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

local function solid()
  local grid = {}
  for y = 1, height do
    grid[y] = {}
    for x = 1, width do
      grid[y][x] = "#"
    end
  end
  return grid
end

local directions = {{0, -1}, {1, 0}, {0, 1}, {-1, 0}}

-- Walks to neighbours that are still solid, and back along the stack where there are none.
local function carve(grid)
  local stack = {{2, 2}}
  grid[2][2] = " "
  while #stack > 0 do
    local x, y = stack[#stack][1], stack[#stack][2]
    local choices = {}
    for _, direction in ipairs(directions) do
      local nx, ny = x + 2 * direction[1], y + 2 * direction[2]
      if grid[ny] and grid[ny][nx] == "#" then
        table.insert(choices, direction)
      end
    end
    if #choices > 0 then
      local direction = choices[random(#choices)]
      grid[y + direction[2]][x + direction[1]] = " "
      grid[y + 2 * direction[2]][x + 2 * direction[1]] = " "
      table.insert(stack, {x + 2 * direction[1], y + 2 * direction[2]})
    else
      table.remove(stack)
    end
  end
end

-- Steps from the start to each open cell, in breadth; cells are numbered row by row.
local function flood(grid, start_x, start_y)
  local steps = {}
  local queue, first = {(start_y - 1) * width + start_x}, 1
  steps[queue[1]] = 0
  while first <= #queue do
    local cell = queue[first]
    first = first + 1
    local x, y = (cell - 1) % width + 1, math.floor((cell - 1) / width) + 1
    for i = 1, 4 do
      local nx, ny = x + directions[i][1], y + directions[i][2]
      local neighbour = (ny - 1) * width + nx
      if grid[ny][nx] ~= "#" and not steps[neighbour] then
        steps[neighbour] = steps[cell] + 1
        queue[#queue + 1] = neighbour
      end
    end
  end
  return steps, #queue
end

-- Marks the way back from a cell to the start.
local function mark_path(grid, steps, x, y)
  local length = 0
  while true do
    grid[y][x] = "."
    local n = steps[(y - 1) * width + x]
    if n == 0 then
      return length
    end
    length = length + 1
    for _, direction in ipairs(directions) do
      local nx, ny = x + direction[1], y + direction[2]
      if steps[(ny - 1) * width + nx] == n - 1 then
        x, y = nx, ny
        break
      end
    end
  end
end

local function draw(grid)
  local lines = {}
  for y = 1, height do
    lines[y] = table.concat(grid[y])
  end
  return table.concat(lines, "\n")
end

-- Everyone counts to k, and the last one leaves: with a queue that is shifted from its front.
local function josephus(n, k)
  local circle, first, last = {}, 1, n
  for i = 1, n do
    circle[i] = i
  end
  while first < last do
    for _ = 1, k - 1 do
      last = last + 1
      circle[last] = circle[first]
      circle[first] = nil
      first = first + 1
    end
    circle[first] = nil
    first = first + 1
  end
  return circle[first]
end

for _ = 1, size do
  local grid = solid()
  carve(grid)
  local steps, open = flood(grid, 2, 2)
  -- A maze without loops: rooms, and one opening less than there are rooms.
  assert(open == 2 * 50 * 50 - 1, "open cells")
  local distance = steps[(height - 2) * width + width - 1]
  assert(mark_path(grid, steps, width - 1, height - 1) == distance, "path")
  local picture = draw(grid)
  local _, dots = picture:gsub("%.", "")
  assert(dots == distance + 1, "dots")
  assert(josephus(2000, 3) == 607, "circle")
end
