-- modes: plain fail -- a hundred thousand calls deep
-- Recursion without end is an error that can be caught, in every form, and leaves no trace.
local function message(f, ...)
  local ok, m = pcall(f, ...)
  return ok, tostring(m):match("stack overflow")
end
local function recursive() return 1 + recursive() end
print(message(recursive)) -- expect: false stack overflow
local depth = 0
local function count() depth = depth + 1; count(); return 1 end
print(message(count), depth > 1000) -- expect: false true
local function many(...) return select("#", ...), many(1, ...) end
print(message(many)) -- expect: false stack overflow
local a, b
function a() b() return 1 end
function b() a() return 1 end
print(message(a)) -- expect: false stack overflow
print(message(function() local co = coroutine.wrap(recursive); co() end))
-- expect: false stack overflow
local co = coroutine.create(recursive)
print(message(function() assert(coroutine.resume(co)) end), coroutine.status(co))
-- expect: false dead
local callable = setmetatable({}, {__call = function(self) return (self()) end})
print(message(callable)) -- expect: false stack overflow
print(select(2, pcall(table.unpack, {}, 1, 1e7))) -- expect: too many results to unpack
print(select(2, pcall(string.rep, "x", -1)) == "") -- expect: true
-- Deep but finite recursion works.
local function sum(n) if n == 0 then return 0 end return n + sum(n - 1) end
print(sum(15000)) -- expect: 112507500
-- In a handler, there is room to say what happened.
print(xpcall(recursive, function(m) return (m:match("stack overflow")) end))
-- expect: false stack overflow
