-- A recursive generator over a table that changes under it.
local function permute(a, n)
  n = n or #a
  if n <= 1 then
    coroutine.yield(a)
  else
    for i = 1, n do
      a[n], a[i] = a[i], a[n]
      permute(a, n - 1)
      a[n], a[i] = a[i], a[n]
    end
  end
end
local function permutations(a) return coroutine.wrap(function() permute(a) end) end
local out = {}
for p in permutations {"a", "b", "c"} do out[#out + 1] = table.concat(p) end
print(table.concat(out, " ")) -- expect: bca cba cab acb bac abc
local n = 0
for _ in permutations {1, 2, 3, 4} do n = n + 1 end
print(n) -- expect: 24

-- Eight queens on a small board with backtracking in a coroutine.
local function queens(size)
  return coroutine.wrap(function()
    local columns = {}
    local function free(row, column)
      for r = 1, row - 1 do
        local c = columns[r]
        if c == column or c - r == column - row or c + r == column + row then return false end
      end
      return true
    end
    local function place(row)
      if row > size then coroutine.yield(table.concat(columns, ",")) return end
      for column = 1, size do
        if free(row, column) then
          columns[row] = column
          place(row + 1)
          columns[row] = nil
        end
      end
    end
    place(1)
  end)
end
for solution in queens(4) do io.write(solution, " ") end
print() -- expect: 2,4,1,3 3,1,4,2
