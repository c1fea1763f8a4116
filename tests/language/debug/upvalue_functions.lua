-- getupvalue, setupvalue, upvalueid, upvaluejoin.
local a, b = "a", "b"
local function f() return a, b end
local function g() b = b return b, a end
print(debug.getupvalue(f, 1)) -- expect: a a
print(debug.getupvalue(f, 2)) -- expect: b b
print(debug.getupvalue(f, 3), debug.getupvalue(f, 0), debug.getupvalue(f, -1)) -- expect: nil nil
print(debug.setupvalue(f, 1, "new a"), a, (f())) -- expect: a new a new a
print(debug.setupvalue(f, 5, 1)) -- expect:
print(debug.upvalueid(f, 1) == debug.upvalueid(g, 2)) -- expect: true
print(debug.upvalueid(f, 1) == debug.upvalueid(f, 2)) -- expect: false
print(debug.upvalueid(f, 3), pcall(debug.upvalueid, f, 0)) -- expect: nil true nil
local function counter() local n = 0 return function() n = n + 1 return n end end
local c1, c2 = counter(), counter()
c1() c1()
debug.upvaluejoin(c2, 1, c1, 1)
print(c2(), c1(), debug.upvalueid(c1, 1) == debug.upvalueid(c2, 1)) -- expect: 3 4 true
print(pcall(debug.upvaluejoin, c1, 5, c2, 1))
-- expect: false bad argument #2 to 'debug.upvaluejoin' (invalid upvalue index)
print((pcall(debug.upvaluejoin, c1, 1, math.floor, 1))) -- expect: false
print(debug.getupvalue(math.floor, 1), debug.setupvalue(math.floor, 1, 2)) -- expect: nil
-- The environment is an upvalue; stripped functions hide the names.
local chunk = load("return x")
print(debug.getupvalue(chunk, 1) == "_ENV", select(2, debug.getupvalue(chunk, 1)) == _G)
-- expect: true true
debug.setupvalue(chunk, 1, {x = "from a new environment"})
print(chunk()) -- expect: from a new environment
local stripped = load(string.dump(f, true))
print((debug.getupvalue(stripped, 1))) -- expect: (no name)
local ids = {}
ids[debug.upvalueid(f, 1)] = "id as a key"
print(ids[debug.upvalueid(g, 2)], type(debug.upvalueid(f, 1))) -- expect: id as a key userdata
print(pcall(debug.getupvalue, 1, 1))
-- expect: false bad argument #1 to 'debug.getupvalue' (function expected, got number)
print(pcall(debug.setupvalue, f))
-- expect: false bad argument #3 to 'debug.setupvalue' (value expected)
