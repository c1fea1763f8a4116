-- Numbers join as print would show them.
print(1 .. "", 1.0 .. "", -0.0 .. "", 1e15 .. "", 2^53 .. "")
-- expect: 1 1.0 -0.0 1e+15 9.007199254741e+15
print(1 .. 2 == "12", 0.1 .. 0.2, math.mininteger .. "!")
-- expect: true 0.10.2 -9223372036854775808!
print((1/0) .. "", (-1/0) .. "") -- expect: inf -inf
local a, b, c = "x", 1, 2.5
print(a .. b .. c, b .. c .. a, c .. b) -- expect: x12.5 12.5x 2.51
a = a .. a .. a
a = a .. "," .. a .. b
print(a, #a) -- expect: xxx,xxx1 8
local t = {n = 7}
print("n=" .. t.n .. ";", t.n .. t.n) -- expect: n=7; 77

-- Concatenation is right associative and binds looser than arithmetic.
print(1 + 1 .. 2 * 2, -1 .. 1, 2 ^ 2 .. "") -- expect: 24 -11 4.0
-- Errors name what could not be joined.
local function try(f)
  print((select(2, pcall(f)):gsub("^.-:%d+: ", "")))
end
try(function() local v; return "a" .. v end)
-- expect: attempt to concatenate a nil value (local 'v')
try(function() return t.missing .. "b" end)
-- expect: attempt to concatenate a nil value (field 'missing')
try(function() return "a" .. {} .. "b" end) -- expect: attempt to concatenate a table value
try(function() return print .. true end)
-- expect: attempt to concatenate a function value (global 'print')
