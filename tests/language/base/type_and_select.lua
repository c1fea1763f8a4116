-- type, select, rawequal and their errors.
print(type(nil), type(1), type("s"), type({}), type(print), type(true), type(io.stdout))
-- expect: nil number string table function boolean userdata
print(type(coroutine.create(print)), type(function() end), type(type))
-- expect: thread function function
print(pcall(type)) -- expect: false bad argument #1 to 'type' (value expected)
print(select("#"), select("#", nil), select("#", 1, nil)) -- expect: 0 1 2
print(select(1, "a", "b"), (select(2, "a", "b", "c"))) -- expect: a b
print(select(-1, "a", "b"), select(-2, "a", "b")) -- expect: b a b
print(pcall(select, "x")) -- expect: false bad argument #1 to 'select' (number expected, got string)
print(pcall(select)) -- expect: false bad argument #1 to 'select' (number expected, got no value)
print(pcall(select, -1)) -- expect: false bad argument #1 to 'select' (index out of range)
print(select("2", "a", "b"), select(2.0, "a", "b")) -- expect: b b
print(rawequal(1, 1.0), rawequal("a" .. "b", "ab"), rawequal(nil, false), pcall(rawequal, 1))
-- expect: true true false false bad argument #2 to 'rawequal' (value expected)
print(_VERSION, _G._G == _G, type(_G)) -- expect: Lua 5.4 true table
local names = {}
local functions = [[assert collectgarbage dofile error getmetatable ipairs load loadfile next pairs
  pcall print rawequal rawget rawlen rawset require select setmetatable tonumber tostring type warn
  xpcall]]
for name in functions:gmatch("%a+") do
  if type(_G[name]) ~= "function" then names[#names + 1] = name end
end
print(#names, table.concat(names, " ")) -- expect: 0
for lib in ("coroutine debug io math os package string table utf8"):gmatch("%w+") do
  assert(type(_G[lib]) == "table" and package.loaded[lib] == _G[lib], lib)
end
print(math.pi > 3.14159 and math.pi < 3.1416, math.huge, math.maxinteger == -(math.mininteger + 1))
-- expect: true inf true
