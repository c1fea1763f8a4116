-- Reading from and writing to other programs, and their exit codes.
local p = io.popen("echo from the shell; exit 3")
print(p:read("a"))
-- expect: from the shell
-- expect:
print(p:close()) -- expect: nil exit 3
print(io.popen("exit 0"):close()) -- expect: true exit 0
local name = os.tmpname()
local w = io.popen("cat >" .. name, "w")
w:write("through cat\n")
print(w:close()) -- expect: true exit 0
for line in io.lines(name) do print(line) end -- expect: through cat
os.remove(name)
for line in io.popen("printf 'a\\nb\\n'"):lines() do print(line) end
-- expect: a
-- expect: b
print(pcall(io.popen, "true", "rw")) -- expect: false bad argument #2 to 'io.popen' (invalid mode)
print(os.execute("exit 5")) -- expect: nil exit 5
print(os.execute("true")) -- expect: true exit 0
print(os.execute() == true) -- expect: true
