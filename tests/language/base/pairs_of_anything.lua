-- pairs takes any value; it is next, called by the loop, that wants a table.
local f, state, key = pairs(nil)
print(f == next, state, key) -- expect: true nil nil
print(select("#", pairs(5)), (select(2, pairs(5)))) -- expect: 3 5
local _, message = pcall(function() for _ in pairs(nil) do end end)
print(message:match("bad argument.*"))
-- expect: bad argument #1 to 'for iterator' (table expected, got nil)
print(pcall(pairs)) -- expect: false bad argument #1 to 'pairs' (value expected)
-- Errors of tables themselves have no position.
print(pcall(function() rawset({}, nil, 1) end)) -- expect: false table index is nil
print(pcall(function() rawset({}, 0 / 0, 1) end)) -- expect: false table index is NaN
print(pcall(function() next({}, 1) end)) -- expect: false invalid key to 'next'
