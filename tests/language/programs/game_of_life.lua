-- Cellular automata: nested loops, strings as boards, tables of tables.
local function parse(board)
  local cells = {}
  for line in board:gmatch("[^\n]+") do
    local row = {}
    for c in line:gmatch(".") do row[#row + 1] = c == "#" and 1 or 0 end
    cells[#cells + 1] = row
  end
  return cells
end
local function step(cells)
  local rows, columns = #cells, #cells[1]
  local new = {}
  for r = 1, rows do
    new[r] = {}
    for c = 1, columns do
      local n = 0
      for dr = -1, 1 do
        local row = cells[(r + dr - 1) % rows + 1]
        for dc = -1, 1 do n = n + row[(c + dc - 1) % columns + 1] end
      end
      n = n - cells[r][c]
      new[r][c] = (n == 3 or n == 2 and cells[r][c] == 1) and 1 or 0
    end
  end
  return new
end
local function show(cells)
  local lines = {}
  for r, row in ipairs(cells) do
    lines[r] = table.concat(row):gsub("0", "."):gsub("1", "#")
  end
  return table.concat(lines, "/")
end
local board = parse(".....\n..#..\n...#.\n.###.\n.....")
for _ = 1, 3 do
  print(show(board))
  -- expect: ...../..#../...#./.###./.....
  -- expect: ...../...../.#.#./..##./..#..
  -- expect: ...../...../...#./.#.#./..##.
  board = step(board)
end
-- Rule 30 with bit operations on one integer.
local cells = 1 << 10
for _ = 1, 4 do
  local text = {}
  for i = 20, 0, -1 do text[#text + 1] = cells >> i & 1 == 1 and "#" or "." end
  print(table.concat(text))
  -- expect: ..........#..........
  -- expect: .........###.........
  -- expect: ........##..#........
  -- expect: .......##.####.......
  local new = 0
  for i = 1, 19 do
    local pattern = cells >> (i - 1) & 7
    new = new | (30 >> pattern & 1) << i
  end
  cells = new
end
