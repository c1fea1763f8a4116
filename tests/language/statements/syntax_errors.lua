-- Messages of the parser: where, what, near which token.
local function refused(source)
  print((select(2, load(source, "=s"))))
end
refused("x =") -- expect: s:1: unexpected symbol near <eof>
refused("x = = 1") -- expect: s:1: unexpected symbol near '='
refused("local 1 = 2") -- expect: s:1: <name> expected near '1'
refused("for i = 1 do end") -- expect: s:1: ',' expected near 'do'
refused("for i, 2 in x do end") -- expect: s:1: <name> expected near '2'
refused("if x then") -- expect: s:1: 'end' expected near <eof>
refused("if x\nthen\nfoo()\n") -- expect: s:4: 'end' expected (to close 'if' at line 1) near <eof>
refused("function f( end") -- expect: s:1: <name> or '...' expected near 'end'
refused("function f(a, ..., b) end") -- expect: s:1: ')' expected near ','
refused("f(") -- expect: s:1: unexpected symbol near <eof>
refused("a.b:c = 1") -- expect: s:1: function arguments expected near '='
refused("x 1") -- expect: s:1: syntax error near '1'
refused("1 + 1") -- expect: s:1: unexpected symbol near '1'
refused("a + 1 = 2") -- expect: s:1: syntax error near '+'
refused("f() = 1") -- expect: s:1: syntax error near '='
refused("(a) = ") -- expect: s:1: syntax error near '='
refused("return return") -- expect: s:1: unexpected symbol near 'return'
refused("local x <foo> = 1") -- expect: s:1: unknown attribute 'foo'
refused("x = }") -- expect: s:1: unexpected symbol near '}'
refused("x = 'abc") -- expect: s:1: unfinished string near <eof>
refused("x = @") -- expect: s:1: unexpected symbol near '@'
refused("x = a..b...c d") -- expect: s:1: unexpected symbol near '...'
refused("local function 5() end") -- expect: s:1: <name> expected near '5'
refused("goto 5") -- expect: s:1: <name> expected near '5'
refused("::x") -- expect: s:1: '::' expected near <eof>
refused("t = {1, 2") -- expect: s:1: '}' expected near <eof>
refused("t = {\n1,\n2\n") -- expect: s:4: '}' expected (to close '{' at line 1) near <eof>
refused("while true do") -- expect: s:1: 'end' expected near <eof>
refused("repeat x()") -- expect: s:1: 'until' expected near <eof>
refused("x = function") -- expect: s:1: '(' expected near <eof>
refused("local t = {a.b = 1}") -- expect: s:1: '}' expected near '='
refused("a.1 = 2") -- expect: s:1: syntax error near '.1'
refused("x = \"bell\\") -- expect: s:1: unfinished string near <eof>
refused("f{") -- expect: s:1: unexpected symbol near <eof>
refused("and = 1") -- expect: s:1: unexpected symbol near 'and'
refused("x = not") -- expect: s:1: unexpected symbol near <eof>
refused("local x, = 1") -- expect: s:1: <name> expected near '='
refused("do end end") -- expect: s:1: <eof> expected near 'end'
refused("return 1 2") -- expect: s:1: <eof> expected near '2'
-- Several lines down, and with a chunk name made from the source or a file.
refused("\n\n\nx = = 2") -- expect: s:4: unexpected symbol near '='
print((select(2, load("x = = 2")))) -- expect: [string "x = = 2"]:1: unexpected symbol near '='
print((select(2, load("-- first\nx = = 2"))))
-- expect: [string "-- first..."]:2: unexpected symbol near '='
print((select(2, load("x = = 2", "@file.lua")))) -- expect: file.lua:1: unexpected symbol near '='
print((select(2, load(("x = 1 "):rep(20) .. "="))))
-- expect: [string "x = 1 x = 1 x = 1 x = 1 x = 1 x = 1 x = 1 x =..."]:1: unexpected symbol near '='
