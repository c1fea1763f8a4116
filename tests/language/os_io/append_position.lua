-- A file that is appended to says from the beginning where it will be written to.
local name = os.tmpname()
local f = assert(io.open(name, "w"))
f:write("twelve bytes")
f:close()
f = assert(io.open(name, "a"))
print(f:seek()) -- expect: 12
f:write("!")
print(f:seek()) -- expect: 13
f:close()
f = assert(io.open(name, "a+"))
print(f:read("a")) -- expect: twelve bytes!
f:close()
os.remove(name)
