-- Strings and numbers with separators and ranges.
print(table.concat({1, 2, 3}), table.concat({"a", "b"}, ", "), table.concat({}, "x") == "")
-- expect: 123 a, b true
print(table.concat({1, 2, 3, 4}, "-", 2, 3)) -- expect: 2-3
print(table.concat({1, 2}, "-", 2, 1) == "", table.concat({"x"}, "-")) -- expect: true x
print(table.concat({1.5, "s", 2, -0.0, 1e100}, " ")) -- expect: 1.5 s 2 -0.0 1e+100
print(table.concat({[5] = "five", [6] = "six"}, ",", 5, 6), table.concat({"a"}, "sep", 1, 1))
-- expect: five,six a
print(#table.concat({("x"):rep(1000), ("y"):rep(1000)}, ("-"):rep(10))) -- expect: 2010
print(table.concat({1, 2, 3}, 0), table.concat({"a", "b"}, "\0") == "a\0b") -- expect: 10203 true
print(table.concat({[math.maxinteger] = "last"}, "", math.maxinteger, math.maxinteger))
-- expect: last
print(table.concat({[-1] = "a", [0] = "b", "c"}, "", -1)) -- expect: abc
print(pcall(table.concat, {1, {}, 3}))
-- expect: false invalid value (table) at index 2 in table for 'concat'
print(pcall(table.concat, {1, nil, 3}))
-- expect: false invalid value (nil) at index 2 in table for 'concat'
print(pcall(table.concat, {1, 2}, "", 1, 3))
-- expect: false invalid value (nil) at index 3 in table for 'concat'
print(pcall(table.concat, {true}))
-- expect: false invalid value (boolean) at index 1 in table for 'concat'
print(pcall(table.concat, {1}, {}))
-- expect: false bad argument #2 to 'table.concat' (string expected, got table)
print(pcall(table.concat))
-- expect: false bad argument #1 to 'table.concat' (table expected, got no value)
local parts = {}
for i = 1, 100 do parts[#parts + 1] = i % 7 end
print(#table.concat(parts), table.concat(parts, "", 1, 10)) -- expect: 100 1234560123
