-- Coroutines fresh, suspended, normal, dead and failed, side by side in one table.
local normal_status
local set = {}
set.fresh = coroutine.create(function(...) return "fresh ran", ... end)
set.suspended = coroutine.create(function() return "resumed with " .. coroutine.yield() end)
set.dead = coroutine.create(function() return 1 end)
set.failed = coroutine.create(function() error("reason", 0) end)
set.closed = coroutine.create(function() coroutine.yield() end)
coroutine.resume(set.suspended)
coroutine.resume(set.dead)
coroutine.resume(set.failed)
coroutine.resume(set.closed)
coroutine.close(set.closed)
set.normal = coroutine.create(function()
  local inner = coroutine.create(function()
    for _ = 1, 3 do normal_status = coroutine.status(set.normal) end
    local names = {}
    for name, co in pairs(set) do names[#names + 1] = name .. "=" .. coroutine.status(co) end
    table.sort(names)
    coroutine.yield(table.concat(names, " "))
  end)
  local _, text = coroutine.resume(inner)
  return text, coroutine.status(inner)
end)
print(coroutine.resume(set.normal))
-- expect: true closed=dead dead=dead failed=dead fresh=suspended normal=normal suspended=suspended suspended
print(normal_status) -- expect: normal
print(coroutine.resume(set.fresh, "a", "b")) -- expect: true fresh ran a b
print(coroutine.resume(set.suspended, "value")) -- expect: true resumed with value
print(coroutine.resume(set.dead)) -- expect: false cannot resume dead coroutine
print(coroutine.resume(set.failed)) -- expect: false cannot resume dead coroutine
print(coroutine.resume(set.closed)) -- expect: false cannot resume dead coroutine
-- Coroutines as keys, in upvalues, in their own environment.
local by_key = {[set.fresh] = "fresh", [set.failed] = "failed"}
print(by_key[set.fresh], by_key[set.failed], by_key[set.dead]) -- expect: fresh failed nil
-- Many small ones, each a little further than the other.
local many = {}
for i = 1, 12 do
  many[i] = coroutine.wrap(function() for j = 1, i do coroutine.yield(j) end return "end" end)
end
local progress = {}
for round = 1, 4 do
  for i = round, 12, 3 do progress[#progress + 1] = tostring(many[i]()) end
end
print(table.concat(progress, " ")) -- expect: 1 1 1 1 1 1 1 1 1 1 1 1 2 2 2
