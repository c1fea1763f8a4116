-- Where an integer is needed, a float with an exact integral value will do.
print(3.0 | 0, -2^31 | 0, 2^53 | 0) -- expect: 3 -2147483648 9007199254740992
print(math.tointeger(3.0), math.tointeger(3.5), math.tointeger("8"), math.tointeger({}))
-- expect: 3 nil 8 nil
print(math.tointeger(2^63), math.tointeger(-2^63)) -- expect: nil -9223372036854775808
print(string.rep("ab", 2.0), ("hello"):sub(2.0, -2.0)) -- expect: abab ell
print(select(2.0, "a", "b"), (table.unpack({1, 2, 3}, 2.0))) -- expect: b 2

local function message(f, ...)
  local ok, text = pcall(f, ...)
  return (text:gsub("^.-:%d+: ", ""))
end
print(message(function(x) return x | 1 end, 1.5))
-- expect: number (local 'x') has no integer representation
print(message(function(x) return 1 << x end, 2^63))
-- expect: number (local 'x') has no integer representation
print(message(function(x) return ~x end, 0/0))
-- expect: number (local 'x') has no integer representation
print(message(function(x) return x & 1 end, math.huge))
-- expect: number (local 'x') has no integer representation
print(message(function(x) return x & 1 end, "1.5"))
-- expect: attempt to perform bitwise operation on a string value (local 'x')
print(message(function(x) return x & 1 end, "one"))
-- expect: attempt to perform bitwise operation on a string value (local 'x')
print(message(function(x) return 1 ~ x end, {}))
-- expect: attempt to perform bitwise operation on a table value (local 'x')
print(message(string.rep, "x", 1.5))
-- expect: bad argument #2 to 'string.rep' (number has no integer representation)
print(message(string.rep, "x", "y"))
-- expect: bad argument #2 to 'string.rep' (number expected, got string)
print(message(string.char, 2^53 + 0.5, 65.5))
-- expect: bad argument #1 to 'string.char' (value out of range)
