-- A solver for problems of finitely many choices: each variable has a domain, constraints between
-- two variables take values out, and a search guesses when nothing more follows.
--
-- group: programs
-- small: 1

local size = tonumber((...)) or 60

local Variable = {}
Variable.__index = Variable

local Problem = {}
Problem.__index = Problem

function Problem.new()
  return setmetatable({variables = {}, trail = {}, checks = 0, guesses = 0}, Problem)
end

function Problem:variable(name, values)
  local domain = {}
  for _, value in ipairs(values) do
    domain[value] = true
  end
  local variable = setmetatable({
    name = name, values = values, domain = domain, count = #values, constraints = {}, queued = false,
  }, Variable)
  table.insert(self.variables, variable)
  return variable
end

function Variable:only_value()
  for _, value in ipairs(self.values) do
    if self.domain[value] then
      return value
    end
  end
end

-- allows(x, y) says whether a = x and b = y go together.
function Problem:constrain(a, b, allows)
  table.insert(a.constraints, {other = b, allows = allows})
  table.insert(b.constraints, {other = a, allows = function(y, x)
    return allows(x, y)
  end})
end

function Problem:remove(variable, value)
  variable.domain[value] = nil
  variable.count = variable.count - 1
  table.insert(self.trail, {variable, value})
end

function Problem:undo(mark)
  for i = #self.trail, mark + 1, -1 do
    local variable, value = self.trail[i][1], self.trail[i][2]
    variable.domain[value] = true
    variable.count = variable.count + 1
    self.trail[i] = nil
  end
end

-- Takes out of `other` what no value of `variable` supports.
function Problem:revise(variable, constraint)
  local other, allows = constraint.other, constraint.allows
  local changed = false
  for _, y in ipairs(other.values) do
    if other.domain[y] then
      local supported = false
      for _, x in ipairs(variable.values) do
        if variable.domain[x] then
          self.checks = self.checks + 1
          if allows(x, y) then
            supported = true
            break
          end
        end
      end
      if not supported then
        self:remove(other, y)
        changed = true
      end
    end
  end
  return changed
end

function Problem:propagate(queue)
  local first = 1
  local possible = true
  while first <= #queue do
    local variable = queue[first]
    first = first + 1
    variable.queued = false
    if possible then
      for _, constraint in ipairs(variable.constraints) do
        local other = constraint.other
        if self:revise(variable, constraint) then
          if other.count == 0 then
            possible = false
            break
          end
          if not other.queued then
            other.queued = true
            queue[#queue + 1] = other
          end
        end
      end
    end
  end
  return possible
end

function Problem:most_constrained()
  local best
  for _, variable in ipairs(self.variables) do
    if variable.count > 1 and (not best or variable.count < best.count) then
      best = variable
    end
  end
  return best
end

-- Calls found() for each solution until it answers true.
function Problem:search(found)
  local variable = self:most_constrained()
  if not variable then
    return found()
  end
  for _, value in ipairs(variable.values) do
    if variable.domain[value] then
      local mark = #self.trail
      self.guesses = self.guesses + 1
      for _, rest in ipairs(variable.values) do
        if rest ~= value and variable.domain[rest] then
          self:remove(variable, rest)
        end
      end
      if self:propagate({variable}) and self:search(found) then
        return true
      end
      self:undo(mark)
    end
  end
  return false
end

function Problem:solve(found)
  local queue = {}
  for i, variable in ipairs(self.variables) do
    queue[i] = variable
  end
  return self:propagate(queue) and self:search(found)
end

local function differ(x, y)
  return x ~= y
end

local function sudoku(text)
  local problem, cells = Problem.new(), {}
  for i = 1, 81 do
    local digit = tonumber(text:sub(i, i))
    local values = digit and digit > 0 and {digit} or {1, 2, 3, 4, 5, 6, 7, 8, 9}
    cells[i] = problem:variable("cell" .. i, values)
  end
  for i = 0, 80 do
    for j = i + 1, 80 do
      local row_i, row_j = math.floor(i / 9), math.floor(j / 9)
      local column_i, column_j = i % 9, j % 9
      local same_box = math.floor(row_i / 3) == math.floor(row_j / 3)
        and math.floor(column_i / 3) == math.floor(column_j / 3)
      if row_i == row_j or column_i == column_j or same_box then
        problem:constrain(cells[i + 1], cells[j + 1], differ)
      end
    end
  end
  local solution
  problem:solve(function()
    local digits = {}
    for i, cell in ipairs(cells) do
      digits[i] = cell:only_value()
    end
    solution = table.concat(digits)
    return true
  end)
  return solution
end

local function count_queens(n)
  local problem, rows, columns = Problem.new(), {}, {}
  for i = 1, n do
    columns[i] = i
  end
  for i = 1, n do
    rows[i] = problem:variable("row" .. i, columns)
    for j = 1, i - 1 do
      problem:constrain(rows[j], rows[i], function(x, y)
        return x ~= y and math.abs(x - y) ~= i - j
      end)
    end
  end
  local solutions = 0
  problem:solve(function()
    solutions = solutions + 1
    return false
  end)
  return solutions
end

local seed = 6
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n + 1
end

-- A solved square with most digits taken out.
local function make_puzzle()
  local digits = {}
  for row = 0, 8 do
    for column = 0, 8 do
      local digit = (row * 3 + math.floor(row / 3) + column) % 9 + 1
      digits[#digits + 1] = random(100) <= 36 and digit or 0
    end
  end
  return table.concat(digits)
end

local function check_sudoku(solution, text)
  assert(solution and #solution == 81, "solution")
  for i = 0, 8 do
    local row, column, box = {}, {}, {}
    for j = 0, 8 do
      row[solution:sub(i * 9 + j + 1, i * 9 + j + 1)] = true
      column[solution:sub(j * 9 + i + 1, j * 9 + i + 1)] = true
      local y, x = math.floor(i / 3) * 3 + math.floor(j / 3), i % 3 * 3 + j % 3
      box[solution:sub(y * 9 + x + 1, y * 9 + x + 1)] = true
    end
    for digit = 1, 9 do
      digit = tostring(digit)
      assert(row[digit] and column[digit] and box[digit], "digit")
    end
  end
  for i = 1, 81 do
    assert(text:sub(i, i) == "0" or text:sub(i, i) == solution:sub(i, i), "given digit")
  end
end

for _ = 1, size do
  local puzzle = make_puzzle()
  check_sudoku(sudoku(puzzle), puzzle)
  assert(count_queens(6) == 4, "queens")
end
