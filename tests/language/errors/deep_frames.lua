-- What looks far down a deep stack stops on its way, and sees what it would have seen.
local kDepth = 600 -- several pieces
local function descend(n, action)
  if n == 0 then return (action()) end
  return (descend(n - 1, action))
end

-- A traceback counts all levels, and shows both ends.
local text = descend(kDepth, function() return debug.traceback("top") end)
print(text:match("skipping (%d+) levels")) -- expect: 582
print(select(2, text:gsub("\n", "\n"))) -- expect: 23
print(text:match("[^\n]*$")) -- expect:  [C]: in ?

-- A level is found however deep it is.
print(descend(kDepth, function() return debug.getinfo(kDepth - 100, "l").currentline end))
-- expect: 5
print(descend(kDepth, function() return debug.getinfo(kDepth + 100, "l") end)) -- expect: nil
print(select(2, pcall(descend, kDepth, function() error("far", kDepth - 100) end)):match(":%d.*"))
-- expect: :5: far
print(pcall(descend, kDepth, function() error("too far", kDepth + 100) end))
-- expect: false too far
print(select(2, pcall(descend, kDepth, function() debug.getlocal(kDepth + 100, 1) end)):match("bad.*"))
-- expect: bad argument #1 to 'getlocal' (level out of range)
print(descend(kDepth, function() return debug.getlocal(kDepth - 100, 1) end)) -- expect: n

-- An error passes all frames, and goes to the handler first.
print(xpcall(descend, function(m) return "handled " .. m end, kDepth, function() error("e", 0) end))
-- expect: false handled e
print(pcall(pcall, descend, kDepth, function() error("inner", 0) end)) -- expect: true false inner
print(select("#", xpcall(descend, debug.traceback, kDepth, error))) -- expect: 2

-- A coroutine yields from there, unless a native function is in between.
local co = coroutine.create(descend)
print(coroutine.resume(co, kDepth, function() return coroutine.yield("deep") end))
-- expect: true deep
print(coroutine.resume(co, "back")) -- expect: true back
co = coroutine.create(function()
  return table.sort({1, 2}, function() return descend(kDepth, coroutine.yield) end)
end)
print(coroutine.resume(co)) -- expect: false attempt to yield across a C-call boundary
co = coroutine.wrap(function() return descend(kDepth, coroutine.isyieldable) end)
print(co()) -- expect: true
print(descend(kDepth, coroutine.isyieldable)) -- expect: false

-- The traceback of another thread, which failed deep down.
co = coroutine.create(descend)
print(coroutine.resume(co, kDepth, function() error("failed", 0) end)) -- expect: false failed
print((debug.traceback(co):match("skipping (%d+) levels"))) -- expect: 581
