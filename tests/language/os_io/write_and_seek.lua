-- Writing, appending, updating, seeking, buffering.
local name = os.tmpname()
local f = assert(io.open(name, "w"))
print(f:write("abc", 12, 3.5, "\n") == f, f:seek(), f:seek("cur"), f:seek("set", 1))
-- expect: true 9 9 1
f:write("X")
print(f:seek("end"), f:close()) -- expect: 9 true
local function content()
  local g <close> = assert(io.open(name, "rb"))
  return g:read("a")
end
print(content() == "aXc123.5\n") -- expect: true
f = io.open(name, "a")
f:write("more")
f:close()
print((content():gsub("\n", "\\n"))) -- expect: aXc123.5\nmore
f = io.open(name, "r+")
print(f:read(2), f:seek("cur", 1), f:write("?") == f, f:seek("set"), f:read("l"))
-- expect: aX 3 true 0 aXc?23.5
print(f:seek("end", -4), f:read("a")) -- expect: 9 more
f:close()
f = io.open(name, "w+")
f:write("fresh")
f:seek("set")
print(f:read("a"), f:setvbuf("no"), f:setvbuf("full", 1024), f:setvbuf("line"), f:flush() == f)
-- expect: fresh true true true false
f:close()
print(pcall(f.write, f, "x")) -- expect: false attempt to use a closed file
print(pcall(f.seek, f)) -- expect: false attempt to use a closed file
print(tostring(f), tostring(io.stdout):match("^file %(")) -- expect: file (closed) file (
print(pcall(io.open, name, "rw")) -- expect: false bad argument #2 to 'io.open' (invalid mode)
print(io.open("/does/not/exist")) -- expect: nil /does/not/exist: No such file or directory 2
f = io.open(name, "r")
print(f:write("not allowed") == nil) -- expect: true
f:close()
f = io.open(name, "r")
print(pcall(f.seek, f, "sideways"))
-- expect: false bad argument #2 to '?' (invalid option 'sideways')
print(f:seek("set", -1)) -- expect: nil Invalid argument 22
print(pcall(f.write, f, {})) -- expect: false bad argument #2 to '?' (string expected, got table)
f:close()
print(pcall(f.close, f)) -- expect: false attempt to use a closed file
os.remove(name)
