-- suspended, running, normal, dead; isyieldable; the main coroutine.
local outer, inner
inner = coroutine.create(function()
  print("in inner", coroutine.status(outer), coroutine.status(inner))
  print(coroutine.resume(outer))
  coroutine.yield()
end)
outer = coroutine.create(function()
  print("in outer", coroutine.status(outer), coroutine.status(inner))
  coroutine.resume(inner)
  print("back", coroutine.status(inner))
  print(coroutine.resume(outer))
end)
print(coroutine.status(outer), coroutine.status(inner)) -- expect: suspended suspended
coroutine.resume(outer)
-- expect: in outer running suspended
-- expect: in inner normal running
-- expect: false cannot resume non-suspended coroutine
-- expect: back suspended
-- expect: false cannot resume non-suspended coroutine
print(coroutine.status(outer), coroutine.status(inner)) -- expect: dead suspended

local main, is_main = coroutine.running()
print(type(main), is_main, coroutine.status(main), coroutine.isyieldable())
-- expect: thread true running false
local co
co = coroutine.create(function()
  local me, m = coroutine.running()
  print(me == co, m, coroutine.status(main), coroutine.isyieldable(), coroutine.isyieldable(main))
  print(coroutine.resume(main))
end)
coroutine.resume(co)
-- expect: true false normal true false
-- expect: false cannot resume non-suspended coroutine
print(coroutine.isyieldable(co), coroutine.isyieldable(main)) -- expect: true false
print(coroutine.resume(main)) -- expect: false cannot resume non-suspended coroutine
print(select(2, pcall(coroutine.yield, 1))) -- expect: attempt to yield from outside a coroutine
print(tostring(co):match("^thread: ") ~= nil, coroutine.running() == main) -- expect: true true
-- Inside of a sort comparator a coroutine cannot yield.
coroutine.wrap(function()
  table.sort({2, 1}, function() print(coroutine.isyieldable()) return false end)
  print(coroutine.isyieldable())
  print(pcall(table.sort, {3, 2, 1}, coroutine.yield))
  print(pcall(string.gsub, "x", "x", coroutine.yield))
end)()
-- expect: false
-- expect: true
-- expect: false attempt to yield across a C-call boundary
-- expect: false attempt to yield across a C-call boundary
