-- golden: command 3
-- Commands from inside of callbacks: a comparator that sorts, a substitution, a metamethod, a coroutine,
-- an iterator, and a variable that is to be closed.
local ask = function(name) return sys.invoke(name) end
local closed = {}
local guard = setmetatable({}, {__close = function() closed[#closed + 1] = ask("close") end})
local sum = setmetatable({}, {__add = function(_, n) return n + ask("add") end})

return {main = function()
  local list = {5, 3, 9}
  table.sort(list, function(a, b)
    if a == 9 then ask("compare") end
    return a < b
  end)
  local text = string.gsub("a-b", "%a", function(letter) return letter .. ask("replace") end)
  local steps = coroutine.wrap(function(...)
    local held <close> = guard
    for n = 1, select("#", ...) do coroutine.yield((select(n, ...)) + ask("step")) end
  end)
  local collected = {steps(1, 2)}
  for value in steps do collected[#collected + 1] = value end
  return list, text, collected, closed, sum + 1
end}
