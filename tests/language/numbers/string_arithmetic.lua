-- Strings convert to numbers in arithmetic; the spelling decides the subtype.
print("10" + 5, "3.0" + 1, "0x10" + 0, " 10 " + 1, "1e1" * 1) -- expect: 15 4.0 16 11 10.0
print("10" - "4", "6" * "7", "7" // "2", "7" % "4", "2" ^ "3", "1" / "4")
-- expect: 6 42 3 3 8.0 0.25
print(-"2", -"2.0", -" 0x10 ") -- expect: -2 -2.0 -16
print("10" + 0 == 10, "10" == 10, 10 == "10") -- expect: true false false
print(math.type("10" + 0), math.type("1e1" + 0)) -- expect: integer float
print("9223372036854775807" + 0, "9223372036854775808" + 0)
-- expect: 9223372036854775807 9.2233720368548e+18
print("0x7fffffffffffffff" + 1 == math.mininteger) -- expect: true
print(10 .. 20, "a" .. 1 .. 2.0) -- expect: 1020 a12.0

local function try(f)
  local ok, message = pcall(f)
  print((message:gsub("^.-:%d+: ", "")))
end
local s = "ten"
try(function() return s + 1 end) -- expect: attempt to add a 'string' with a 'number'
try(function() return 1 + "" end) -- expect: attempt to add a 'number' with a 'string'
try(function() return "1 2" * 2 end) -- expect: attempt to mul a 'string' with a 'number'
try(function() return -"x" end) -- expect: attempt to unm a 'string' with a 'string'
try(function() return "0x" + 0 end) -- expect: attempt to add a 'string' with a 'number'
try(function() return {} + "1" end) -- expect: attempt to add a 'table' with a 'string'
-- Bitwise operators do not convert strings.
try(function() return "1" | 2 end)
-- expect: attempt to perform bitwise operation on a string value (constant '1')
try(function() return s & 2 end)
-- expect: attempt to perform bitwise operation on a string value (upvalue 's')
