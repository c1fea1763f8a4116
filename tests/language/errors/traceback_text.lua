-- debug.traceback: one line a level, from where it is called down to the main chunk.
local function show(text)
  for line in text:gmatch("[^\n]+") do
    -- What called the main chunk is not the program's business.
    if line ~= "\t[C]: in ?" then print((line:gsub("[^%s<]*%.lua", "FILE"))) end
  end
end
local function inner() return debug.traceback("message") .. "" end
local function middle() local text = inner(); return text end
function outer_global() local text = middle(); return text end
show(outer_global())
-- expect: message
-- expect: stack traceback:
-- expect: FILE:8: in upvalue 'inner'
-- expect: FILE:9: in upvalue 'middle'
-- expect: FILE:10: in function 'outer_global'
-- expect: FILE:11: in main chunk
-- The level to begin with, and messages that are no strings.
print((debug.traceback("m", 1):match("^m\nstack traceback:\n\t[^\n]*:(%d+): in main chunk")))
-- expect: 19
print(debug.traceback("only", 100))
-- expect: only
-- expect: stack traceback:
local t = {}
print(debug.traceback(t) == t, debug.traceback(nil, 100), debug.traceback(true))
-- expect: true stack traceback: true
-- Methods, fields, tail calls.
local object = {}
function object:method() return debug.traceback("in method") .. "" end
object.field = function() local s = object:method(); return s end
show(object.field())
-- expect: in method
-- expect: stack traceback:
-- expect: FILE:29: in method 'method'
-- expect: FILE:30: in field 'field'
-- expect: FILE:31: in main chunk
local function tail() return (debug.traceback("tail")) end
local function calls_tail() return tail() end
show(calls_tail())
-- expect: tail
-- expect: stack traceback:
-- expect: FILE:37: in function <FILE:37>
-- expect: (...tail calls...)
-- expect: FILE:39: in main chunk
-- A suspended coroutine and a failed one.
local co = coroutine.create(function()
  local function pause() coroutine.yield() end
  pause()
  error("x")
end)
coroutine.resume(co)
show(debug.traceback(co, "suspended"))
-- expect: suspended
-- expect: stack traceback:
-- expect: [C]: in function 'coroutine.yield'
-- expect: FILE:47: in local 'pause'
-- expect: FILE:48: in function <FILE:46>
coroutine.resume(co)
show(debug.traceback(co))
-- expect: stack traceback:
-- expect: [C]: in function 'error'
-- expect: FILE:49: in function <FILE:46>
show(debug.traceback(co, nil, 1))
-- expect: stack traceback:
-- expect: FILE:49: in function <FILE:46>
outer_global = nil
