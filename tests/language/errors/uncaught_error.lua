-- An error that nobody catches ends the program with its message and a traceback on stderr.
local function fails(t)
  return t.missing.field
end
print("before") -- expect: before
local x = fails({})
print("never", x)
-- expect error: attempt to index a nil value (field 'missing')
-- expect error: stack traceback:
-- expect error: in main chunk
