-- modes: plain trip:101 stress fail -- thousands of calls, hundreds deep
-- Endless recursion through metamethods and library callbacks ends in an error as well.
local function try(f, ...)
  local ok, m = pcall(f, ...)
  print(ok, (tostring(m):match("stack overflow")))
end
local mt = {}
local t = setmetatable({}, mt)
mt.__index = function(s, k) return s[k .. "x"] end
try(function() return t.x end) -- expect: false stack overflow
mt.__newindex = function(s, k, v) s[k .. "x"] = v end
try(function() t.x = 1 end) -- expect: false stack overflow

mt.__eq = function(a, b) return a == b end
try(function() return t == setmetatable({}, mt) end) -- expect: false stack overflow
mt.__lt = function(a, b) return not (a < b) end
try(function() return t < t end) -- expect: false stack overflow
mt.__le = function(a, b) return not (a <= b) end
try(function() return t <= t end) -- expect: false stack overflow
mt.__concat = function(a, b) return a .. b .. "x" end
try(function() return t .. "x" end) -- expect: false stack overflow
mt.__len = function(a) return #a + 1 end
try(function() return #t end) -- expect: false stack overflow
mt.__unm = function(a) return -(-a) end
try(function() return -t end) -- expect: false stack overflow
mt.__add = function(a, b) return a + b + 1 end
try(function() return t + t end) -- expect: false stack overflow
mt.__tostring = function(s) return "t" .. tostring(s) end
try(tostring, t) -- expect: false stack overflow
mt.__pairs = function(s) return (pairs(s)) end
try(pairs, t) -- expect: false stack overflow
mt.__close = function(s) local again <close> = s end
try(function() local c <close> = t end) -- expect: false stack overflow
local function replace(c) return (("x"):gsub("x", replace)) end
try(replace) -- expect: false stack overflow
local function compare(x, y) table.sort({2, 1}, compare) return false end
try(compare) -- expect: false stack overflow
local deepest
local function protected()
  local ok, m = pcall(protected)
  deepest = deepest or m
  return ok
end
try(function() protected() error(deepest) end) -- expect: false stack overflow
local function resume() return assert(coroutine.resume(coroutine.create(resume))) end
try(resume) -- expect: false stack overflow
local function wrap() return (coroutine.wrap(wrap)()) end
try(wrap) -- expect: false stack overflow
local function chunk()
  local f, m = load(function() return chunk() end)
  deepest = deepest or m
  return nil
end
deepest = nil
try(function() chunk() error(deepest) end) -- expect: false stack overflow
print("and the program goes on") -- expect: and the program goes on
