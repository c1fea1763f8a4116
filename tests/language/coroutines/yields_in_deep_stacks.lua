-- Yields and resumes in deep stacks: on the way up, on the way down, below what refuses them, and after errors.
local function walk(n)
  coroutine.yield(n)
  if n > 0 then walk(n - 1) end
  coroutine.yield(-n)
end
local function follow(depth)
  local sum, count = 0, 0
  local co = coroutine.wrap(function() walk(depth) return "end" end)
  for v in co do
    if v == "end" then break end
    sum, count = sum + v, count + 1
  end
  return sum, count
end
print(follow(300)) -- expect: 0 602

-- Below a comparator nothing may yield, however deep.
local function dive(n)
  if n == 0 then return coroutine.isyieldable(), pcall(coroutine.yield, 1) end
  local a, b, c = dive(n - 1)
  return a, b, c
end
local co = coroutine.wrap(function()
  local found
  table.sort({1, 2}, function(a, b)
    found = found or {dive(250)}
    local again = {dive(249)}
    for n = 1, 3 do assert(found[n] == again[n]) end
    return a < b
  end)
  print(found[1], found[2], found[3])
  coroutine.yield("after")
  return dive(250)
end)
print(co()) -- expect: false false attempt to yield across a C-call boundary
-- expect: after
print(co()) -- expect: 1
print(co("back")) -- expect: true true back

-- An error cuts the stack, and what grows there next is another one.
local function grow(n, last)
  if n == 0 then return last() end
  local v = grow(n - 1, last)
  return v
end
local mixed = coroutine.wrap(function()
  for round = 1, 3 do
    pcall(grow, 220 + round, function() coroutine.yield("deep " .. round) error("cut") end)
    table.sort({1, 2}, function(a, b)
      local ok = pcall(grow, 225, function() coroutine.yield("never") end)
      assert(not ok)
      return a < b
    end)
    coroutine.yield(grow(230, function() return select(2, coroutine.running()) end))
  end
end)
for round = 1, 3 do print(mixed(), mixed()) end
-- expect: deep 1 false
-- expect: deep 2 false
-- expect: deep 3 false

-- Tail calls, extra arguments and iterators on the way.
local function odd(n, ...)
  if n == 0 then coroutine.yield(...) return coroutine.isyieldable() end
  if n % 3 == 0 then return odd(n - 1, ...) end
  for r in odd, n - 1, ... do return r end
end
local tail = coroutine.wrap(function() return odd(0, "x"), odd(90, "y") end)
print(tail(), tail(), tail()) -- expect: x y true true
