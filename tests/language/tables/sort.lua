-- Sorting numbers, strings, mixed and presorted lists; comparators; errors.
local function sorted(t, f) table.sort(t, f) return table.concat(t, " ") end
print(sorted {3, 1, 2}, sorted {}, sorted {1}, sorted {2, 1}) -- expect: 1 2 3  1 1 2
print(sorted {5, 4, 3, 2, 1}, sorted {1, 2, 3, 4, 5}, sorted {1, 1, 1})
-- expect: 1 2 3 4 5 1 2 3 4 5 1 1 1
print(sorted {"b", "a", "c"}, sorted {"B", "a", "C"}, sorted {"10", "9", "1"})
-- expect: a b c B C a 1 10 9
print(sorted {2.5, 1, 3, 2, 1e10, -1, math.mininteger, 0.5})
-- expect: -9223372036854775808 -1 0.5 1 2 2.5 3 10000000000.0
print(sorted({3, 1, 2}, function(a, b) return a > b end)) -- expect: 3 2 1
print(sorted({"ccc", "a", "bb"}, function(a, b) return #a < #b end)) -- expect: a bb ccc
local big, n = {}, 97
local x = 12345
for i = 1, n do
  x = (x * 1103515245 + 12345) % 2147483648
  big[i] = x % 50
end
table.sort(big)
local ok = true
for i = 2, n do ok = ok and big[i - 1] <= big[i] end
print(ok, #big) -- expect: true 97
local records = {{k = 2, v = "b"}, {k = 1, v = "a"}, {k = 3, v = "c"}}
table.sort(records, function(a, b) return a.k < b.k end)
print(records[1].v, records[2].v, records[3].v) -- expect: a b c
print(select("#", table.sort({1})), pcall(table.sort))
-- expect: 0 false bad argument #1 to 'table.sort' (table expected, got no value)
print(select(2, pcall(table.sort, {1, "x"}))) -- expect: attempt to compare string with number
print(select(2, pcall(table.sort, {{}, {}}))) -- expect: attempt to compare two table values
print(select(2, pcall(table.sort, {1, 2, nil, 4})) ~= "sorted") -- expect: true
print(pcall(table.sort, {1, 2}, 5))
-- expect: false bad argument #2 to 'table.sort' (function expected, got number)
-- Inconsistent comparators end, with or without an error.
local calls = 0
local function always() calls = calls + 1 return true end
local fine, message = pcall(table.sort, {1, 2, 3, 4, 5, 6, 7, 8, 9}, always)
print(fine or message, calls < 200) -- expect: invalid order function for sorting true
calls = 0
fine = pcall(table.sort, {1, 2, 3, 4, 5, 6, 7, 8, 9}, function() calls = calls + 1 return false end)
print(fine, calls < 200) -- expect: true true
