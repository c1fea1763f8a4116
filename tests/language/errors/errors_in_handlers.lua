-- An error inside a message handler calls the handler again, within limits.
local depth = 0
print(xpcall(function() error("first", 0) end, function(m)
  depth = depth + 1
  if depth == 1 then error("second", 0) end
  return m .. " at depth " .. depth
end)) -- expect: false second at depth 2
-- One that always fails ends in an error of its own.
local calls = 0
local ok, message = xpcall(error, function() calls = calls + 1; error("again") end)
print(ok, calls > 1, type(message)) -- expect: false true string
-- A runtime error in the handler.
local count = 0
print(xpcall(error, function(m)
  count = count + 1
  if count < 3 then local x = nil; return x.field end
  return "gave up after " .. count
end)) -- expect: false gave up after 3
-- The program goes on as if nothing had been.
print(pcall(function() return "fine" end)) -- expect: true fine
print(xpcall(function() error("normal", 0) end, function(m) return m:upper() end))
-- expect: false NORMAL
-- A handler that is no function.
print(pcall(xpcall, error, 42, "e"))
-- expect: false bad argument #2 to 'xpcall' (function expected, got number)
