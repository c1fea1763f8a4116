-- Hundreds of arguments, results, constructor items and locals.
local function fill(n)
  local t = {}
  for i = 1, n do t[i] = i end
  return t
end
local t = fill(250)
print(select("#", table.unpack(t)), (select(250, table.unpack(t)))) -- expect: 250 250
local function last(...) return (select(-1, ...)) end
print(last(table.unpack(t))) -- expect: 250
local u = {table.unpack(t)}
print(#u, u[250]) -- expect: 250 250
local v = {0, table.unpack(t)}
print(#v, v[251]) -- expect: 251 250
print(math.max(table.unpack(t))) -- expect: 250
print(#string.char(table.unpack(fill(127)))) -- expect: 127

-- A constructor with 300 items and constants beyond the first few hundred.
local parts = {}
for i = 1, 300 do parts[i] = "'k" .. i .. "'" end
local big = load("return {" .. table.concat(parts, ",") .. "}")()
print(#big, big[1], big[300]) -- expect: 300 k1 k300
local fields = {}
for i = 1, 300 do fields[i] = "f" .. i .. " = " .. i .. ".5" end
big = load("local t = {" .. table.concat(fields, ";") .. "} return t.f1 + t.f300, t.f257 < t.f258")
print(big()) -- expect: 302.0 true

-- 200 locals are allowed, one more is not.
local names = {}
for i = 1, 200 do names[i] = "a" .. i end
local f = load("local " .. table.concat(names, ",") .. " = ... ; return a1, a200")
print(f(table.unpack(t))) -- expect: 1 200
print(select(2, load("local " .. table.concat(names, ",") .. ", one_more", "=src")))
-- expect: src:1: too many local variables (limit is 200) in main function near <eof>
-- Long chains of conditions and concatenations.
local conds = {}
for i = 1, 150 do conds[i] = "x == " .. i end
print(load("local x = ... return " .. table.concat(conds, " or "))(150)) -- expect: true
for i = 1, 150 do conds[i] = "x" end
print(#load("local x = ... return " .. table.concat(conds, " .. "))("ab")) -- expect: 300
