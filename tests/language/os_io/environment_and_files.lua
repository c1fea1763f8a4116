-- getenv, tmpname, rename, remove, clock.
print(type(os.getenv("PATH")), os.getenv("SURELY_NOT_SET_ANYWHERE")) -- expect: string nil
local a = os.tmpname()
local b = a .. ".renamed"
local f = assert(io.open(a, "w"))
f:write("content")
f:close()
print(os.rename(a, b), (io.open(a))) -- expect: true nil
f = io.open(b)
print(f:read("a"), f:close()) -- expect: content true
print(os.remove(b), (os.remove(b))) -- expect: true nil
local ok, message, code = os.remove(b)
print(ok, message:match("No such file or directory"), code)
-- expect: nil No such file or directory 2
ok, message, code = os.rename(a, b)
print(ok, message:match("No such file or directory"), code)
-- expect: nil No such file or directory 2
print(math.type(os.clock()), os.clock() >= 0) -- expect: float true
print(pcall(os.getenv))
-- expect: false bad argument #1 to 'os.getenv' (string expected, got no value)
print(pcall(os.remove))
-- expect: false bad argument #1 to 'os.remove' (string expected, got no value)
print(pcall(os.exit, {})) -- expect: false bad argument #1 to 'os.exit' (number expected, got table)
print(os.setlocale("C"), os.setlocale(nil, "all") ~= nil, os.setlocale("no such locale"))
-- expect: C true nil
