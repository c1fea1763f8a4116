-- Conway's game of life: on a torus of rows, and without borders as a set of cells.
--
-- group: programs
-- small: 1

local size = tonumber((...)) or 9
local unpack = table.unpack or unpack

local Board = {}
Board.__index = Board

function Board.new(width, height)
  local board = setmetatable({width = width, height = height}, Board)
  for y = 1, height do
    board[y] = {}
    for x = 1, width do
      board[y][x] = 0
    end
  end
  return board
end

-- Puts a picture of dots and letters at a place.
function Board:put(x, y, ...)
  for i, line in ipairs({...}) do
    for j = 1, #line do
      local row = self[(y + i - 2) % self.height + 1]
      row[(x + j - 2) % self.width + 1] = line:sub(j, j) == "." and 0 or 1
    end
  end
end

function Board:next()
  local width, height = self.width, self.height
  local result = setmetatable({width = width, height = height}, Board)
  for y = 1, height do
    local above = self[y > 1 and y - 1 or height]
    local row = self[y]
    local below = self[y < height and y + 1 or 1]
    local new = {}
    for x = 1, width do
      local left = x > 1 and x - 1 or width
      local right = x < width and x + 1 or 1
      local n = above[left] + above[x] + above[right] + row[left] + row[right]
        + below[left] + below[x] + below[right]
      if n == 3 or n == 2 and row[x] == 1 then
        new[x] = 1
      else
        new[x] = 0
      end
    end
    result[y] = new
  end
  return result
end

function Board:population()
  local count = 0
  for y = 1, self.height do
    for x = 1, self.width do
      count = count + self[y][x]
    end
  end
  return count
end

function Board:text()
  local lines = {}
  for y = 1, self.height do
    lines[y] = table.concat(self[y]):gsub("0", "."):gsub("1", "o")
  end
  return table.concat(lines, "\n")
end

local glider = {".o.", "..o", "ooo"}
local r_pentomino = {".oo", "oo.", ".o."}

-- Cells of the plane are keys; each living one counts for its neighbours.
local stride = 100000

local function next_cells(cells)
  local counts = {}
  for cell in pairs(cells) do
    for dy = -stride, stride, stride do
      for dx = -1, 1 do
        local neighbour = cell + dy + dx
        if neighbour ~= cell then
          counts[neighbour] = (counts[neighbour] or 0) + 1
        end
      end
    end
  end
  local result = {}
  for cell, n in pairs(counts) do
    if n == 3 or n == 2 and cells[cell] then
      result[cell] = true
    end
  end
  return result
end

local function cells_of(picture)
  local cells = {}
  for y, line in ipairs(picture) do
    for x = 1, #line do
      if line:sub(x, x) ~= "." then
        cells[(y + 5000) * stride + x + 5000] = true
      end
    end
  end
  return cells
end

local function count(cells)
  local n = 0
  for _ in pairs(cells) do
    n = n + 1
  end
  return n
end

-- A glider moves by one cell along the diagonal in four steps; on a torus it comes back.
local board = Board.new(20, 20)
board:put(3, 3, unpack(glider))
local first_picture = board:text()
for _ = 1, 80 do
  assert(board:population() == 5, "glider")
  board = board:next()
end
assert(board:text() == first_picture, "round the torus")

-- The small pattern that grows for 1,103 generations: known numbers of cells on its way, and the
-- same on both kinds of boards until it gets round the torus.
local known = {[0] = 5, [1] = 6, [2] = 7, [3] = 9, [4] = 8, [5] = 9, [6] = 12}
for _ = 1, size do
  local cells = cells_of(r_pentomino)
  local wide = Board.new(70, 60)
  wide:put(35, 30, unpack(r_pentomino))
  for generation = 0, 120 do
    local n = count(cells)
    assert(n == wide:population(), "both boards")
    assert(not known[generation] or known[generation] == n, "known")
    cells = next_cells(cells)
    wide = wide:next()
  end
end
