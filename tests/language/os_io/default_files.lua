-- io.input, io.output, io.read, io.write, and the standard streams.
-- stdin: first line
-- stdin: 42 rest
-- stdin: last
print(io.read()) -- expect: first line
print(io.read("n"), io.read("l")) -- expect: 42  rest
print(io.stdin:read("L") == "last\n", io.read("a") == "", io.read()) -- expect: true true nil
io.write("written ", 1, " ", 2.5, " ")
print(io.write() == io.stdout, io.output() == io.stdout, io.input() == io.stdin)
-- expect: written 1 2.5 true true true
local name = os.tmpname()
local old = io.output()
io.output(name)
print(io.write("to the file\nline 2\n") ~= io.stdout, io.output() ~= old) -- expect: true true
io.close()
io.output(old)
io.input(name)
print(io.read(), io.read("n"), io.read("a"))
-- expect: to the file nil line 2
-- expect:
print(io.close(io.input()), pcall(io.read)) -- expect: true false default input file is closed
io.input(io.stdin)
local lines = {}
for l in io.lines(name) do lines[#lines + 1] = l end
print(#lines, lines[1]) -- expect: 2 to the file
print(pcall(io.input, "/does/not/exist") == false) -- expect: true
os.remove(name)
io.stderr:write("")
local t = io.tmpfile()
t:write("temporary")
t:seek("set")
print(t:read("a"), io.type(t), t:close()) -- expect: temporary file true
print(pcall(io.close, 5))
-- expect: false bad argument #1 to 'io.close' (FILE* expected, got number)
