-- Hundreds of values through resume and yield.
local function range(n)
  local t = {}
  for i = 1, n do t[i] = i end
  return t
end
local co = coroutine.wrap(function(...)
  local n = select("#", ...)
  local got = table.pack(coroutine.yield(n, ...))
  return table.unpack(got, 1, got.n)
end)
print(select("#", co(table.unpack(range(200))))) -- expect: 201
print(select(150, co(table.unpack(range(150))))) -- expect: 150

-- nil at the ends and in the middle is kept.
local echo = coroutine.wrap(function(...)
  local args = table.pack(...)
  while true do args = table.pack(coroutine.yield(table.unpack(args, 1, args.n))) end
end)
print(echo(nil, 2, nil)) -- expect: nil 2 nil
print(select("#", echo(nil, nil)), select("#", echo()), (echo(1, 2))) -- expect: 2 0 1
-- Yields as arguments, as table items, in conditions, and in returns.
local mixed = coroutine.wrap(function()
  local t = {coroutine.yield(1), coroutine.yield(2), coroutine.yield(3)}
  local s = tostring(coroutine.yield(#t)) .. tostring(coroutine.yield(t[1]))
  if coroutine.yield(s) and not coroutine.yield("second condition") then
    return coroutine.yield("tail")
  end
end)
print(mixed()) -- expect: 1
print(mixed("a", "dropped")) -- expect: 2
print(mixed("b")) -- expect: 3
print(mixed("c", "d")) -- expect: 4
print(mixed("e")) -- expect: a
print(mixed("f")) -- expect: ef
print(mixed(true)) -- expect: second condition
print(mixed(false)) -- expect: tail
print(mixed("last", "values")) -- expect: last values
