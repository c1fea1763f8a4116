-- What json.encode writes, and refuses. (Under trips: in the middle of it.)
local json = require "json"

local function show(...) print((json.encode(...):gsub("\n", "|"))) end
local function fails(value) print(select(2, pcall(json.encode, value))) end

show(nil) -- expect: null
show(true) -- expect: true
show(-3) -- expect: -3
show(math.mininteger) -- expect: -9223372036854775808
show(0.1) -- expect: 0.1
show(3.0) -- expect: 3.0
show(1e300) -- expect: 1e+300
show(0.1 + 0.2) -- expect: 0.30000000000000004
show("a\"b\\c\n\t\1z\127") -- expect: "a\"b\\c\n\t\u0001z\u007f"
show("zwölf €") -- expect: "zwölf €"
show({}) -- expect: {}
show({1, {2, {}}, "x"}) -- expect: [1,[2,{}],"x"]
show({a = 1}) -- expect: {"a":1}
local ordered = {}
ordered.z = 1
ordered.a = {true, false}
ordered.m = {k = {}}
show(ordered) -- expect: {"z":1,"a":[true,false],"m":{"k":{}}}
show({1, {a = 2}}, 2) -- expect: [|  1,|  {|    "a": 2|  }|]
show({}, 2) -- expect: {}

fails(0 / 0) -- expect: json: the value is no number that JSON has
fails({a = {1, 1 / 0}}) -- expect: json: a[2] is no number that JSON has
fails({f = print}) -- expect: json: f is a function
fails({1, nil, 3}) -- expect: json: the value is a list with gaps
fails({1, a = 2}) -- expect: json: the value has both names and positions as keys
fails({x = {[1.5] = 1}}) -- expect: json: x has a key that is neither a name nor a position
fails("\xff") -- expect: json: the value has bytes that are not UTF-8
local cycle = {a = {}}
cycle.a.b = cycle
fails(cycle) -- expect: json: a.b contains itself
local deep = {}
for _ = 1, 199 do deep = {deep} end
print(#json.encode(deep)) -- expect: 400
fails({{deep}}) -- expect: json: [1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1][1] is nested too deeply

-- Metatables do not count.
show(setmetatable({}, {__index = {a = 1}, __pairs = error, __len = error})) -- expect: {}
