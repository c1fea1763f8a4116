-- The line of an error is the line of the operation, also in long expressions and calls.
local function line_of(source)
  local f = assert(load(source, "=s"))
  local _, message = pcall(f)
  return message
end
print(line_of("local x = nil\nlocal y = x.z"))
-- expect: s:2: attempt to index a nil value (local 'x')
print(line_of("local t = {}\nlocal a = 1 +\n  2 +\n  t.x"))
-- expect: s:3: attempt to perform arithmetic on a nil value (field 'x')
print(line_of("local t = {}\nlocal a = t.x\n  + 1"))
-- expect: s:3: attempt to perform arithmetic on a nil value (field 'x')
print(line_of("\n\n\nerror('msg')")) -- expect: s:4: msg
print(line_of("error(\n'msg'\n)")) -- expect: s:1: msg
print(line_of("local function f()\n  error('in f')\nend\nf()")) -- expect: s:2: in f
print(line_of("local function f()\n  error('at call', 2)\nend\n\nf()")) -- expect: s:5: at call
print(line_of("local t = {__index = function()\n error('inner') end}\nreturn setmetatable({}, t).x"))
-- expect: s:2: inner
print(line_of("local a\nlocal b = 'x' ..\n'y' ..\na"))
-- expect: s:3: attempt to concatenate a nil value (local 'a')
print(line_of("for i = 1, 3 do\n  if i == 2 then\n    local z = nil + i\n  end\nend"))
-- expect: s:3: attempt to perform arithmetic on a nil value
print(line_of("local s = ('x')\ns = s:rep(2)\ns:nope()"))
-- expect: s:3: attempt to call a nil value (method 'nope')
print(line_of("return {\n  1,\n  nil + 1,\n}"))
-- expect: s:3: attempt to perform arithmetic on a nil value
print(line_of("foo = 1\nfoo.bar.baz = 2"))
-- expect: s:2: attempt to index a number value (global 'foo')
print(line_of("while true do\n  undefined_function()\nend"))
-- expect: s:2: attempt to call a nil value (global 'undefined_function')
print(line_of("local x <close> = nil\nlocal y <close> = 42"))
-- expect: s:2: variable 'y' got a non-closable value
print(line_of("if 1 < 2 and\n   2 < {} then\nend"))
-- expect: s:2: attempt to compare number with table
print(line_of("for i = 1,\n  10,\n  0 do end")) -- expect: s:3: 'for' step is zero
print(line_of("local f = load('error(\"inner\")', '=inner')\nf()")) -- expect: inner:1: inner
print(line_of("string.rep()"))
-- expect: s:1: bad argument #1 to 'rep' (string expected, got no value)
print(line_of("local t = {}\nt.x.y.z = 1")) -- expect: s:2: attempt to index a nil value (field 'x')
