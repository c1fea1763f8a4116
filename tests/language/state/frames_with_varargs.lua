-- Vararg frames that call, loop and recurse while their extra arguments wait.
local function busy(n) local s = 0 for i = 1, n do s = s + i end return s end
local function va(...)
  local before = select("#", ...)
  busy(5)
  local first, second = ...
  for i = 1, 3 do busy(i) end
  local packed = {busy(2), ..., busy(3)}
  local all = {...}
  busy(1)
  return before, first, second, #packed, #all, ...
end
print(va()) -- expect: 0 nil nil 3 0
print(va("only")) -- expect: 1 only nil 3 1 only
print(va(1, nil, 3)) -- expect: 3 1 nil 3 3 1 nil 3
print(va(table.unpack({1, 2, 3, 4, 5}, 1, 8))) -- expect: 8 1 2 3 5 1 2 3 4 5 nil nil nil
local function nested(depth, ...)
  if depth == 0 then return select("#", ...), ... end
  local n = busy(depth)
  return nested(depth - 1, n, ...)
end
print(nested(4, "end")) -- expect: 5 1 3 6 10 end
-- In a coroutine, with a yield in the middle of an expression list.
local co = coroutine.wrap(function(...)
  local t = {..., coroutine.yield(select("#", ...)), ...}
  return #t, select(2, ...)
end)
print(co("a", "b", "c")) -- expect: 3
print(co("x", "y")) -- expect: 5 b c
-- Callbacks with varargs, through pcall, and with a method.
local object = {n = 10}
function object:add(...)
  local s = self.n
  for _, v in ipairs {...} do s = s + v end
  return s, ...
end
print(pcall(object.add, object, 1, 2, 3)) -- expect: true 16 1 2 3
print((string.gsub("a b c", "%w", function(...) return busy(select("#", ...)) end)))
-- expect: 1 1 1
local function count_nils(...)
  local n = 0
  for i = 1, select("#", ...) do if (select(i, ...)) == nil then n = n + 1 end end
  return n
end
print(count_nils(nil, busy(1), nil, busy(2), nil)) -- expect: 3
