-- The program's arguments: in ... and in arg.
-- args: one two 3
local a, b, c = ...
print(a, b, c, select("#", ...)) -- expect: one two 3 3
print(#arg, arg[1], arg[3], arg[4]) -- expect: 3 one 3 nil
print(type(arg[0]), arg[0]:match("[^/]*$"), arg[-1] ~= nil)
-- expect: string script_arguments.lua true
local function f() return arg end
print(f() == arg, math.type(c)) -- expect: true nil
-- Changing arg does not change the arguments.
arg[1] = "changed"
print((...), arg[1]) -- expect: one changed
arg = nil
print(select(2, ...)) -- expect: two 3
