-- The handler runs at the point of the error, with the stack still there.
print(xpcall(function(...) return "ok", ... end, print, 1, 2)) -- expect: true ok 1 2
print(xpcall(function() error("e", 0) end, function(m) return "handled " .. m, "second" end))
-- expect: false handled e
print(xpcall(function() error({code = 5}) end, function(m) return m.code end)) -- expect: false 5
print(xpcall(function() local x = nil; return x.y end, function(m)
  return (m:gsub("^.-:%d+: ", ""))
end)) -- expect: false attempt to index a nil value (local 'x')
-- It sees the function that failed.
local function failing() local here = "local of failing"; error("x") end
print(xpcall(failing, function()
  local level = 1
  while true do
    local info = debug.getinfo(level, "f")
    if not info then return "not found" end
    if info.func == failing then return select(2, debug.getlocal(level, 1)) end
    level = level + 1
  end
end)) -- expect: false local of failing
-- Errors in library functions arrive with their arguments' names.
print(xpcall(string.rep, function(m) return m end))
-- expect: false bad argument #1 to 'string.rep' (string expected, got no value)
-- Handlers are called for errors under them only, the innermost first.
print(xpcall(function()
  local _, inner = xpcall(error, function(m) return "inner(" .. tostring(m) .. ")" end, "a")
  error(inner, 0)
end, function(m) return "outer(" .. m .. ")" end)) -- expect: false outer(inner(a))
-- pcall inside of xpcall hides the handler.
print(xpcall(function() return pcall(error, "hidden", 0) end, function() return "not called" end))
-- expect: true false hidden
-- A handler may use pcall and raise no error by itself.
print(xpcall(error, function(m) return select(2, pcall(error, m .. "!", 0)) end, "text"))
-- expect: false text!
-- Yields inside the function, then an error after being resumed.
local co = coroutine.wrap(function()
  return xpcall(function(a)
    local b = coroutine.yield(a + 1)
    error("after yield " .. b, 0)
  end, function(m) return "h:" .. m end, 10)
end)
print(co()) -- expect: 11
print(co("resumed")) -- expect: false h:after yield resumed
print(pcall(xpcall)) -- expect: false bad argument #2 to 'xpcall' (function expected, got no value)
print(pcall(xpcall, print))
-- expect: false bad argument #2 to 'xpcall' (function expected, got no value)
print(xpcall(nil, function(m) return m end)) -- expect: false attempt to call a nil value
