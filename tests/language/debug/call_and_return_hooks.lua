-- Call, tail call and return events with names and levels; builtins are seen as well.
local log = {}
local watched = {}
local function hook(event)
  local info = debug.getinfo(2, "f")
  local name = watched[info.func]
  if name then log[#log + 1] = event .. " " .. name end
end
local function leaf(x) return x end
local function node(x) local y = leaf(x) return y end
local function tailing(x) return leaf(x) end
watched[leaf], watched[node], watched[tailing], watched[math.abs] = "leaf", "node", "tailing", "abs"
local function run(mask, f, ...)
  log = {}
  debug.sethook(hook, mask)
  f(...)
  debug.sethook()
  print(table.concat(log, ", "))
end
run("c", node, 1) -- expect: call node, call leaf
run("r", node, 1) -- expect: return leaf, return node
run("cr", node, 1) -- expect: call node, call leaf, return leaf, return node
run("cr", tailing, 1) -- expect: call tailing, tail call leaf, return leaf
run("cr", math.abs, -1) -- expect: call abs, return abs
run("cr", function() return pcall(node, 1) end)
-- expect: call node, call leaf, return leaf, return node
run("cr", function() return pcall(error, "x") end) -- expect:
run("c", function() for _ = 1, 2 do leaf() end end) -- expect: call leaf, call leaf
-- Values that go in and out can be looked at.
debug.sethook(function(event)
  local info = debug.getinfo(2, "fr")
  if info.func == leaf and event == "return" then
    local name, value = debug.getlocal(2, info.ftransfer)
    log[#log + 1] = "returns " .. info.ntransfer .. ": " .. tostring(value)
  end
end, "r")
log = {}
leaf("out")
debug.sethook()
print(log[1]) -- expect: returns 1: out
print(debug.gethook()) -- expect: nil
debug.sethook(hook, "crl", 5)
local h, mask, count = debug.gethook()
debug.sethook()
print(h == hook, mask, count) -- expect: true crl 5
-- A hook belongs to its coroutine only.
log = {}
local co = coroutine.create(function() leaf(1) coroutine.yield() leaf(2) end)
debug.sethook(co, hook, "c")
leaf("not seen")
coroutine.resume(co)
leaf("not seen")
coroutine.resume(co)
print(#log, debug.gethook(co) == hook, debug.gethook()) -- expect: 2 true nil
