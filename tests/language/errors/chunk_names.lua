-- How the name of a chunk shows up in messages.
local function name_of(chunkname)
  local f = assert(load("error('m')", chunkname))
  return (select(2, pcall(f)))
end
print(name_of("=given")) -- expect: given:1: m
print(name_of("@file.lua")) -- expect: file.lua:1: m
print(name_of("error('m')")) -- expect: [string "error('m')"]:1: m
print(name_of("first line\nsecond line")) -- expect: [string "first line..."]:1: m
print(name_of("=")) -- expect: :1: m
print(name_of("@")) -- expect: :1: m
print(name_of("")) -- expect: [string ""]:1: m
print(name_of("\nleading newline")) -- expect: [string "..."]:1: m
print(#name_of("=" .. ("x"):rep(100))) -- expect: 64
print(name_of("=" .. ("x"):rep(100)):match("^x+:1: m$") ~= nil) -- expect: true
print(name_of("@" .. ("d/"):rep(40) .. "f.lua"):match("^%.%.%.") ~= nil) -- expect: true
print(#name_of("@" .. ("d/"):rep(40) .. "f.lua")) -- expect: 64
print(name_of(("word "):rep(30)))
-- expect: [string "word word word word word word word word word ..."]:1: m
print((select(2, pcall(load("error('m')"))))) -- expect: [string "error('m')"]:1: m
print((select(2, pcall(load("\n\nerror('m')"))))) -- expect: [string "..."]:3: m
local info = debug.getinfo(load("return 1", "@some/path.lua"), "S")
print(info.source, info.short_src, info.what) -- expect: @some/path.lua some/path.lua main
info = debug.getinfo(load("return 1", "code here"), "S")
print(info.source, info.short_src) -- expect: code here [string "code here"]
