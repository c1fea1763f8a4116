-- Things that refer to themselves, directly and in rings.
local self_ref = {}
self_ref.self, self_ref[self_ref] = self_ref, self_ref
print(self_ref.self.self[self_ref] == self_ref) -- expect: true
local a, b, c = {n = 1}, {n = 2}, {n = 3}
a.next, b.next, c.next, a.prev, b.prev, c.prev = b, c, a, c, a, b
print(a.next.next.next == a, b.prev.prev.prev == b, a.prev.next.n) -- expect: true true 1
-- Metatables: its own, in a ring, and its own __index.
local class = {}
class.__index = class
class.__call = function(s, x) return x, s end
class.kind = "class"
local object = setmetatable({}, class)
print(object.kind, object.missing, select(2, object(1)) == object, object.__index == class)
-- expect: class nil true true
local m1, m2 = {}, {}
setmetatable(m1, m2)
setmetatable(m2, m1)
m1.__index, m2.__index = function(_, k) return "m1." .. k end, function(_, k) return "m2." .. k end
print(m1.x, m2.x, getmetatable(getmetatable(m1)) == m1) -- expect: m2.x m1.x true
-- Closures: one that returns itself, two that hold each other, one in its own upvalue table.
local function me() return me end
print(me()() == me) -- expect: true
local ping, pong
ping = function(n) return n == 0 and ping or pong(n - 1) end
pong = function(n) return n == 0 and pong or ping(n - 1) end
print(ping(4) == ping, ping(5) == pong) -- expect: true true
local registry = {}
registry.f = function() return registry.f, registry end
local f, r = registry.f()
print(f == registry.f, r == registry) -- expect: true true
-- A coroutine that is in a table that is in its own local.
local box = {}
box.co = coroutine.create(function(b)
  local mine = b
  while true do mine.count = (coroutine.yield(mine.co) or 0) + (mine.count or 0) end
end)
local _, same = coroutine.resume(box.co, box)
coroutine.resume(box.co, 5)
coroutine.resume(box.co, 6)
print(same == box.co, box.count) -- expect: true 11
-- All of it lives through collections and falls when nothing holds it.
local weak = setmetatable({a, self_ref, me, registry, box}, {__mode = "v"})
collectgarbage()
print(a.next.prev == a, #weak == 5) -- expect: true true
a, b, c, self_ref, me, registry, box, same, f, r = nil
collectgarbage()
print(next(weak)) -- expect: nil
