-- What debug.getinfo knows about functions and levels.
local function f(a, b, ...)
  local up = print
  return debug.getinfo(1, "nSltufrL")
end
local info = debug.getinfo(f)
print(info.what, info.source:sub(1, 1), info.linedefined, info.lastlinedefined, info.currentline)
-- expect: Lua @ 2 5 -1
print(info.nparams, info.isvararg, info.nups, info.func == f, info.name, info.istailcall)
-- expect: 2 true 1 true nil false
info = f()
print(info.name, info.namewhat, info.currentline, info.what) -- expect: f local 4 Lua
print(info.short_src:match("[^/]*$")) -- expect: getinfo_fields.lua
local lines = {}
for line in pairs(debug.getinfo(f, "L").activelines) do lines[#lines + 1] = line end
table.sort(lines)
print(table.concat(lines, " ")) -- expect: 3 4 5
info = debug.getinfo(print)
print(info.what, info.source, info.short_src, info.currentline)
-- expect: C =[C] [C] -1
print(info.linedefined, info.lastlinedefined) -- expect: -1 -1
print(info.nparams, info.isvararg, info.nups, debug.getinfo(print, "L").activelines)
-- expect: 0 true 0 nil
info = debug.getinfo(1)
print(info.what, info.name, info.namewhat, info.nparams, info.isvararg, info.linedefined)
-- expect: main nil  0 true 0
print(debug.getinfo(100), debug.getinfo(0, "n").name, debug.getinfo(0, "S").what)
-- expect: nil getinfo C
-- Names of callees: global, local, method, field, upvalue, metamethod, for iterator.
local function who()
  local i = debug.getinfo(2, "n")
  return i.namewhat .. " " .. tostring(i.name)
end
function global_f() local s = who() return s end
local t = {field_f = function() local s = who() return s end}
function t:method_f() local s = who() return s end
local function local_f() local s = who() return s end
local function through_upvalue() local s = local_f() return s end
print((global_f()), (t.field_f()), (t:method_f()), (local_f()))
-- expect: global global_f field field_f method method_f local local_f
print((through_upvalue()), (t["field" .. "_f"]())) -- expect: upvalue local_f field ?
local mt = setmetatable({}, {__add = function() local s = who() return s end,
                             __index = function() local s = who() return s end})
print(mt + 1, mt.x) -- expect: metamethod add metamethod index
local function iterator(_, control)
  if not control then local s = who() return s end
end
for s in iterator do print(s) end -- expect: for iterator for iterator
local function tail() return debug.getinfo(1, "t").istailcall end
local function caller() return tail() end
print(caller(), (tail())) -- expect: true false
global_f = nil
print(pcall(debug.getinfo, 1, "X"))
-- expect: false bad argument #2 to 'debug.getinfo' (invalid option)
print(pcall(debug.getinfo, "x"))
-- expect: false bad argument #1 to 'debug.getinfo' (number expected, got string)
print(pcall(debug.getinfo, 1, ">S"))
-- expect: false bad argument #2 to 'debug.getinfo' (invalid option '>')
print(pcall(debug.getinfo))
-- expect: false bad argument #1 to 'debug.getinfo' (number expected, got no value)
