#!/usr/bin/env a first line with a hash sign is skipped
-- Comments of all kinds; the first line too, in a file.
print(1) -- expect: 1
--[[ a block
print("not run")
]] print(2) -- expect: 2
--[==[ levels ]] ]=]
print("not run either") ]==]
print(3 --[[ inside an expression ]] + 4) -- expect: 7
---[[ three dashes: a line comment
print(8) -- expect: 8
--]]
--[ not a block
print(9) -- expect: 9
--
--[=[]=] print(10) -- expect: 10
print(load("return 1 -- no newline at the end")()) -- expect: 1
print(load("--") ~= nil, load("") ~= nil, load("--[[x]]") ~= nil) -- expect: true true true
print((select(2, load("--[[ open", "=c"))))
-- expect: c:1: unfinished long comment (starting at line 1) near <eof>
print((load("# not skipped by load", "=c"))) -- expect: nil
local line = debug.getinfo(1, "l").currentline
print(line) -- expect: 22
