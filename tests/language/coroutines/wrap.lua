-- wrap gives a function; errors pass through it.
local gen = coroutine.wrap(function(a)
  for i = 1, 3 do a = a + coroutine.yield(a) end
  return "end"
end)
print(gen(1), gen(10), gen(100), gen(1000)) -- expect: 1 11 111 end
print(pcall(gen)) -- expect: false cannot resume dead coroutine
local squares = coroutine.wrap(function() for i = 1, 4 do coroutine.yield(i, i * i) end end)
for i, sq in squares do io.write(i, ":", sq, " ") end
print() -- expect: 1:1 2:4 3:9 4:16
-- Strings get the position of the call in front, other values stay.
local function fails(value) return coroutine.wrap(function() error(value, 0) end) end
print(pcall(fails("text"))) -- expect: false text
print(pcall(fails(nil))) -- expect: false nil
local t = {}
print(select(2, pcall(fails(t))) == t) -- expect: true
print((select(2, pcall(function()
  coroutine.wrap(function() local x; x() end)()
end)):gsub("[^ ]*%.lua", "FILE")))
-- expect: FILE:18: FILE:18: attempt to call a nil value (local 'x')
-- Nested wraps: an error travels through all of them.
local function nest(n)
  if n == 0 then error("bottom", 0) end
  coroutine.wrap(nest)(n - 1)
end
print(select(2, pcall(nest, 3)):gsub("[^ ]*:%d+: ", "at line: "))
-- expect: at line: at line: at line: bottom 3
local function deep(n)
  if n == 0 then return coroutine.yield("yielded from the bottom") end
  local inner = coroutine.wrap(deep)
  local value = inner(n - 1)
  while type(value) == "string" do value = inner(coroutine.yield(value)) end
  return value + 1
end
local top = coroutine.wrap(deep)
print(top(3)) -- expect: yielded from the bottom
print(top(100)) -- expect: 103
print(type(gen), pcall(coroutine.wrap))
-- expect: function false bad argument #1 to 'coroutine.wrap' (function expected, got no value)
