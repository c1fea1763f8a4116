-- <const> variables cannot be assigned; the parser refuses it, in closures too.
local x <const> = 10
local name <const>, plain = "n", 1
plain = plain + x
print(x, name, plain) -- expect: 10 n 11
local t <const> = {}
t.field = 1 -- the variable is constant, not the table
print(t.field) -- expect: 1

local function refused(source)
  local f, message = load(source, "=src")
  print(f, message)
end
refused("local x <const> = 1; x = 2") -- expect: nil src:1: attempt to assign to const variable 'x'
refused("local x <const> = 1; local function f() x = 2 end")
-- expect: nil src:1: attempt to assign to const variable 'x'
refused("local x <const> = 1; x, y = 2, 3")
-- expect: nil src:1: attempt to assign to const variable 'x'
refused("local f <const> = 1; function f() end")
-- expect: nil src:1: attempt to assign to const variable 'f'
refused("local x <close> = nil; x = 1")
-- expect: nil src:1: attempt to assign to const variable 'x'
refused("local x <constant> = 1") -- expect: nil src:1: unknown attribute 'constant'
refused("local a <close>, b <close> = nil, nil")
-- expect: nil src:1: multiple to-be-closed variables in local list
refused("local _ENV <const> = {}; x = 1; _ENV = {}")
-- expect: nil src:1: attempt to assign to const variable '_ENV'

-- Compile-time constants of all kinds act as the values that they are.
local i <const>, f <const>, s <const>, yes <const>, none <const> = 7, 2.5, "str", true, nil
print(i + f, s .. i, not yes, none, -i, i // 2, i == 7) -- expect: 9.5 str7 false nil -7 3 true
local function closure()
  return i, f, s, yes, none
end
print(closure()) -- expect: 7 2.5 str true nil
local text <const> = "%d"
print(text:format(i), #s, s:upper()) -- expect: 7 3 STR
print(select("#", none), (none == nil) and "nil" or "value") -- expect: 1 nil
local big <const> = math.maxinteger
print(big, big + 1 == math.mininteger) -- expect: 9223372036854775807 true
