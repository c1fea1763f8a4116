-- Lists of very many values are passed, stored and returned in pieces; nothing is lost or doubled.
local kCount = 20000
local source = {}
for n = 1, kCount, 4 do source[n], source[n + 1], source[n + 2], source[n + 3] = n, n + 1, n + 2, n + 3 end

local function ends(...)
  local first, second = ...
  return select("#", ...), first, second, (select(-1, ...))
end
local function pass(...) return ... end

print(ends(table.unpack(source))) -- expect: 20000 1 2 20000
print(ends(pass(table.unpack(source)))) -- expect: 20000 1 2 20000
print(ends(pass(pass(0.5, table.unpack(source))))) -- expect: 20001 0.5 1 20000

-- Into tables: of one kind, of several, with nils at the end and in between.
local function describe(t) return #t, t[1], t[2], t[10000], t[#t], next(t, #t) end
print(describe({table.unpack(source)})) -- expect: 20000 1 2 10000 20000 nil
print(describe({"a", 2.5, table.unpack(source)})) -- expect: 20002 a 2.5 9998 20000 nil
print(describe({pass(table.unpack(source, 1, kCount + 9000))})) -- expect: 20000 1 2 10000 20000 nil
print(next({pass(table.unpack(source, -9000, 0))})) -- expect: nil
source[9999] = nil
local holes = {pass(table.unpack(source, 1, kCount))}
print(holes[9998], holes[9999], holes[10000], holes[kCount]) -- expect: 9998 nil 10000 20000
source[9999] = 9999
local packed = table.pack(table.unpack(source))
print(packed.n, packed[1], packed[20000], #packed) -- expect: 20000 1 20000 20000
packed = table.pack(table.unpack({}, 1, kCount))
print(packed.n, next(packed)) -- expect: 20000 n 20000
-- What was stored may grow, and take other values.
packed = {table.unpack(source)}
packed[#packed + 1] = "more"
packed[1] = {}
print(#packed, packed[20001], type(packed[1]), packed[2]) -- expect: 20001 more table 2

-- Through a callable table, one argument more each time.
local callable = setmetatable({}, {__call = function(_, ...) return ends(...) end})
print(callable(table.unpack(source))) -- expect: 20000 1 2 20000
local twice = setmetatable({}, {__call = callable})
print(twice(table.unpack(source)) == kCount + 1) -- expect: true
print(pcall(ends, table.unpack(source))) -- expect: true 20000 1 2 20000

-- Between coroutines, in both directions.
local co = coroutine.create(function(...)
  local back = table.pack(coroutine.yield(select("#", ...), ...))
  return back.n, table.unpack(back, 1, back.n)
end)
print(ends(coroutine.resume(co, table.unpack(source)))) -- expect: 20002 true 20000 20000
print(ends(coroutine.resume(co, table.unpack(source)))) -- expect: 20002 true 20000 20000
local echo = coroutine.wrap(function(...)
  while true do coroutine.yield(...) end
end)
print(ends(echo(table.unpack(source)))) -- expect: 20000 1 2 20000
print(ends(echo())) -- expect: 20000 1 2 20000

print(#string.char(string.byte(string.rep("x", kCount), 1, -1))) -- expect: 20000
print(#utf8.char(utf8.codepoint(string.rep("\u{20ac}", kCount), 1, -1))) -- expect: 60000
