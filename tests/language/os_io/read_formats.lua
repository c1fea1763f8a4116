-- Reading from a file: n, l, L, a, counts, and what the end gives.
local name = os.tmpname()
local function write(text)
  local f = assert(io.open(name, "wb"))
  assert(f:write(text))
  f:close()
end
write("first line\nsecond\n\nlast without newline")
local f = assert(io.open(name))
print(f:read()) -- expect: first line
print(f:read("L") == "second\n", f:read("l") == "", f:read(4), f:read(0) == "")
-- expect: true true last true
print(f:read("a"), f:read("a") == "", f:read("l"), f:read(0), f:read(1))
-- expect: without newline true nil nil nil
f:close()
write("12 -3.5 0x1F 1e2 .5 7x nan 99")
f = io.open(name)
print(f:read("n", "n", "n", "n", "n")) -- expect: 12 -3.5 31 100.0 0.5
print(f:read("n"), f:read(1), f:read("n"), f:read("a")) -- expect: 7 x nil nan 99
f:close()
write("a\0b\r\nc")
f = io.open(name, "rb")
local line = f:read()
print(#line, line:byte(1, -1)) -- expect: 4 97 0 98 13
print(f:read("a"), f:read()) -- expect: c nil
f:close()
write("1\n2\n3\n")
local sum = 0
for l in io.lines(name) do sum = sum + l end
print(sum) -- expect: 6
for a, b in io.lines(name, 1, "L") do io.write("[", a, "|", #b, "]") end
print() -- expect: [1|1][2|1][3|1]
for n in io.lines(name, "n") do io.write(n, ";") end
print() -- expect: 1;2;3;
f = io.open(name)
for l in f:lines("L") do io.write(#l, " ") end
print(io.type(f), f:read()) -- expect: 2 2 2 file nil
f:close()
print(io.type(f), io.type(io.stdout), io.type(5)) -- expect: closed file file nil
print(pcall(f.read, f)) -- expect: false attempt to use a closed file
print((select(2, pcall(io.lines, "/does/not/exist"))))
-- expect: cannot open file '/does/not/exist' (No such file or directory)
f = io.open(name)
print(pcall(f.read, f, "x")) -- expect: false bad argument #2 to '?' (invalid format)
print(pcall(f.read, f, "*l"), pcall(f.read, f, "*n")) -- expect: true true 2
f:close()
local it = io.lines(name)
print(it(), it(), it(), it()) -- expect: 1 2 3
print(pcall(it)) -- expect: false file is already closed
os.remove(name)
print((io.open(name))) -- expect: nil
