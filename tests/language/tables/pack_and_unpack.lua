-- pack counts, unpack spreads; ranges, nils, limits.
local p = table.pack(1, nil, 3, nil)
print(p.n, p[1], p[2], p[3], p[4]) -- expect: 4 1 nil 3 nil
print(table.pack().n, #table.pack(), table.pack(nil).n) -- expect: 0 0 1
print(table.unpack({1, 2, 3})) -- expect: 1 2 3
print(table.unpack({1, 2, 3}, 2)) -- expect: 2 3
print(table.unpack({1, 2, 3}, 2, 5)) -- expect: 2 3 nil nil
print(table.unpack({1, 2, 3}, -1, 1)) -- expect: nil nil 1
print(select("#", table.unpack({}, 1, 0)), select("#", table.unpack({}, 1, 3))) -- expect: 0 3
print(select("#", table.unpack({}, 5, 1))) -- expect: 0
print(table.unpack(p, 1, p.n)) -- expect: 1 nil 3 nil
print((table.unpack({1, 2})), (table.unpack({}, 1, 2))) -- expect: 1 nil
print(table.unpack({[0] = "zero", "one"}, 0, 1)) -- expect: zero one
print(table.unpack("abc", 1, 2)) -- expect: nil nil
print(table.unpack({1, 2, 3}, "2", 3.0)) -- expect: 2 3
print(table.unpack({[math.maxinteger] = "m"}, math.maxinteger, math.maxinteger)) -- expect: m
print(table.unpack({[math.mininteger] = "i"}, math.mininteger, math.mininteger)) -- expect: i
print(pcall(table.unpack, {}, 1, 1e8)) -- expect: false too many results to unpack
print(pcall(table.unpack, {}, math.mininteger, math.maxinteger))
-- expect: false too many results to unpack
print(pcall(table.unpack, {}, 0, math.maxinteger)) -- expect: false too many results to unpack
print(pcall(table.unpack)) -- expect: false attempt to get length of a nil value
print(pcall(table.unpack, {}, "x"))
-- expect: false bad argument #2 to 'table.unpack' (number expected, got string)
print(select("#", table.unpack({n = 3}, 1, 200))) -- expect: 200
local function round_trip(...) return table.unpack(table.pack(...), 1, select("#", ...)) end
print(round_trip(nil, false, nil, 0)) -- expect: nil false nil 0
print(#{table.unpack({1, 2, 3}), table.unpack({4, 5, 6})}) -- expect: 4
