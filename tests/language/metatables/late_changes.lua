-- Metamethods that appear, change or vanish after an object was used.
local mt = {}
local t = setmetatable({}, mt)
local function try(f, ...)
  local ok, result = pcall(f, ...)
  print(ok and tostring(result) or result:match("attempt.*"))
end
local function add(x) return x + 1 end
local function index(x) return x.field end
local function call(x) return x() end
local function len(x) return #x end
local function equal(a, b) return tostring(a == b) end
local function less(a, b) return tostring(a < b) end
local function assign(x) x.new = 1; return tostring(rawget(x, "new")) end
local u = setmetatable({}, mt)

-- Everything is asked for while nothing is there ...
try(add, t) try(index, t) try(call, t) try(len, t) try(equal, t, u) try(less, t, u)
-- expect: attempt to perform arithmetic on a table value (local 'x')
-- expect: nil
-- expect: attempt to call a table value (local 'x')
-- expect: 0
-- expect: false
-- expect: attempt to compare two table values
-- ... then defined one by one ...
mt.__add = function() return "added" end
mt.__index = function(_, k) return "index " .. k end
mt.__call = function() return "called" end
mt.__len = function() return 42 end
mt.__eq = function() return true end
mt.__lt = function() return true end
try(add, t) try(index, t) try(call, t) try(len, t) try(equal, t, u) try(less, t, u)
-- expect: added
-- expect: index field
-- expect: called
-- expect: 42
-- expect: true
-- expect: true
-- ... replaced ...
mt.__add = function() return "added again" end
mt.__index = {field = "from a table"}
try(add, t) try(index, t)
-- expect: added again
-- expect: from a table
-- ... and removed.
mt.__add, mt.__index, mt.__call, mt.__len, mt.__eq, mt.__lt = nil
try(add, t) try(index, t) try(call, t) try(len, t) try(equal, t, u) try(less, t, u)
-- expect: attempt to perform arithmetic on a table value (local 'x')
-- expect: nil
-- expect: attempt to call a table value (local 'x')
-- expect: 0
-- expect: false
-- expect: attempt to compare two table values
try(assign, t) -- expect: 1
t.new = nil
mt.__newindex = function(x, k, v) rawset(x, k, "caught") end
try(assign, t) -- expect: caught
-- rawset of a metamethod counts as well, and so does a new metatable on an old object.
rawset(mt, "__len", function() return "raw" end)
try(len, t) -- expect: raw
setmetatable(t, {__len = function() return "other" end})
try(len, t) -- expect: other
setmetatable(t, nil)
try(len, t) -- expect: 0
-- A field found in the chain, then shadowed, then uncovered again.
local base, derived = {v = "base"}, {}
local object = setmetatable({}, {__index = setmetatable(derived, {__index = base})})
local function read() return object.v end
io.write(read(), " ")
derived.v = "derived"
io.write(read(), " ")
object.v = "own"
io.write(read(), " ")
object.v = nil
io.write(read(), " ")
derived.v = nil
print(read()) -- expect: base derived own derived base
