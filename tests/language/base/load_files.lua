-- loadfile and dofile read files, skip a first line with #, and report what is missing.
local name = os.tmpname()
local function write(text)
  local f = assert(io.open(name, "wb"))
  f:write(text)
  f:close()
end
write("#!/usr/bin/env moonlet\nlocal a = ... return a, 'loaded'")
print(loadfile(name)("arg")) -- expect: arg loaded
print(dofile(name)) -- expect: nil loaded
write("return _ENV.value, value")
print(loadfile(name, "t", {value = "env"})()) -- expect: env env
write("return return")
local f, message = loadfile(name)
print(f, (message:gsub("^.*:(%d+): ", "line %1: ")))
-- expect: nil line 1: unexpected symbol near 'return'
print(pcall(dofile, name) == false) -- expect: true
write("error('at run time')")
print((select(2, pcall(dofile, name)):gsub("^.*:(%d+): ", "line %1: ")))
-- expect: line 1: at run time
write("error({code = 7})")
print(select(2, pcall(dofile, name)).code) -- expect: 7
write(string.dump(function() return "binary" end))
print(loadfile(name)(), loadfile(name, "b")(), (loadfile(name, "t"))) -- expect: binary binary nil
write("# comment\n" .. string.dump(function() return "binary after a comment" end))
print(loadfile(name)()) -- expect: binary after a comment
write("\xEF\xBB\xBFreturn 'after a mark'")
print(dofile(name)) -- expect: after a mark
write("")
print(loadfile(name)() == nil, select("#", dofile(name))) -- expect: true 0
write("return debug.getinfo(1, 'S').source:sub(1, 1), debug.getinfo(1, 'S').what")
print(dofile(name)) -- expect: @ main
os.remove(name)
print((select(2, loadfile(name)):gsub(name:gsub("%p", "%%%0"), "NAME")))
-- expect: cannot open NAME: No such file or directory
print(pcall(dofile, name) == false) -- expect: true
