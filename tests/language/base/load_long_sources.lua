-- Sources that take long to compile are compiled in pieces.
local function nested(open, close, levels)
  return "return " .. open:rep(levels) .. "1" .. close:rep(levels) .. (" "):rep(400)
end
-- As deep as the syntax allows, in each way.
print(load(nested("(", ")", 190))()) -- expect: 1
local t = load(nested("{", "}", 190))()
for _ = 1, 189 do t = t[1] end
print(t[1]) -- expect: 1
local f = load(nested("function() return ", " end ", 60))()
for _ = 1, 59 do f = f() end
print(f()) -- expect: 1
print(load(nested("- ", "", 190))()) -- expect: 1
print(load(nested("(", ")", 300), "=deep") == nil) -- expect: true

-- Long in each way: statements, operands, items, names, texts, comments, functions.
local count = 500
local names, statements = {}, {}
for n = 1, count do
  names[n] = "name" .. n
  statements[n] = ("x%d = %d"):format(n % 7, n)
end
local env = {}
load(table.concat(statements, " "), "=statements", "t", env)()
print(env.x0, env.x1, env.x6) -- expect: 497 498 496
print(load("return 0" .. (" + 1"):rep(count))()) -- expect: 500
print(#load("return 'a'" .. (" .. 'b'"):rep(100))()) -- expect: 101
print(#load("return {" .. table.concat(names, ", ") .. "}", "=", "t", setmetatable({}, {
  __index = function(_, name) return name end}))()) -- expect: 500
print(#load("return {" .. ("'" .. ("text"):rep(50) .. "',"):rep(50) .. "}")()) -- expect: 50
print(load("--" .. ("comment"):rep(200) .. "\n--[[" .. ("\n"):rep(500) .. "]] return 7")())
-- expect: 7
print(#load("return {" .. ("function(a) return a end, "):rep(200) .. "}")()) -- expect: 200

-- What is wrong at the end is found there.
local text = table.concat(statements, "\n")
print(load(text .. "\nx = = 1", "=wrong")) -- expect: nil wrong:501: unexpected symbol near '='
print(load(text .. "\ngoto nowhere", "=wrong"))
-- expect: nil wrong:501: no visible label 'nowhere' for <goto> at line 501

print(load(text .. "\nlocal x <const> = 1 x = 2", "=wrong"))
-- expect: nil wrong:501: attempt to assign to const variable 'x'

-- Pieces of a source, and the source as its own name.
local at = 0
print(load(function() at = at + 1 return statements[at] and statements[at] .. " " end) ~= nil)
-- expect: true

print(#debug.getinfo(load(text), "S").source == #text) -- expect: true
