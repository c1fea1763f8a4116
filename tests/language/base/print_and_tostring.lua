-- print separates with tabs, uses __tostring and __name, and does not depend on globals.
io.write("tab between: ")
print(1, 2) -- expect: tab between: 1 2
print() -- expect:
print(nil, true, 1.5, "s") -- expect: nil true 1.5 s
local saved = tostring
tostring = function() return "not used" end
print(1, {} ~= nil) -- expect: 1 true
tostring = saved
print(setmetatable({}, {__tostring = function(t) return "custom" end})) -- expect: custom
print((tostring(setmetatable({}, {__name = "MyType"})):gsub("0x%x+", "ADDR")))
-- expect: MyType: ADDR
print(select("#", print()))
-- expect:
-- expect: 0
print("zero\0inside" == "zero\0inside") -- expect: true
print(("two\nlines"))
-- expect: two
-- expect: lines
-- What tostring says about each type.
local co = coroutine.create(print)
for _, v in ipairs {{}, print, function() end, co, io.stdout} do
  local text = tostring(v)
  print((text:gsub("^(%a+:? %(?)[^%)]+", "%1ADDR")))
  -- expect: table: ADDR
  -- expect: function: ADDR
  -- expect: function: ADDR
  -- expect: thread: ADDR
  -- expect: file (ADDR)
end
print(pcall(print, setmetatable({}, {__tostring = function() return {} end})))
-- expect: false '__tostring' must return a string
print(tostring(1e15), tostring(10 // 3), tostring(2^63), tostring(-0.0))
-- expect: 1e+15 3 9.2233720368548e+18 -0.0
