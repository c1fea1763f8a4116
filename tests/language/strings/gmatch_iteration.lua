-- gmatch: captures, empty matches, start position, several at once.
local out = {}
for w in ("one two  three"):gmatch("%a+") do out[#out + 1] = w end
print(table.concat(out, "|")) -- expect: one|two|three
out = {}
for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do out[#out + 1] = k .. v end
print(table.concat(out, "|")) -- expect: a1|b2|c3
out = {}
for p in ("abc"):gmatch("()") do out[#out + 1] = p end
print(table.concat(out, "|")) -- expect: 1|2|3|4
out = {}
for s in ("abc"):gmatch("x*") do out[#out + 1] = "<" .. s .. ">" end
print(table.concat(out)) -- expect: <><><><>
out = {}
for s, p in ("aXbX"):gmatch("([^X]*)()") do out[#out + 1] = s .. p end
print(table.concat(out, "|")) -- expect: a2|b4|5
out = {}
for s in ("abcdef"):gmatch("%a", 4) do out[#out + 1] = s end
print(table.concat(out), ("abc"):gmatch("%a", -1)(), ("abc"):gmatch("%a", 10)()) -- expect: def c
-- The anchor is no anchor here but an ordinary beginning of a match at every place.
local n = 0
for _ in ("aaa"):gmatch("^a") do n = n + 1 end
print(n) -- expect: 0
-- An iterator that ended stays ended; changing the subject variable does not matter.
local subject = "x y"
local it = subject:gmatch("%a")
subject = "changed"
print(it(), it(), it()) -- expect: x y
print(select("#", ("none"):gmatch("%d")())) -- expect: 0
-- Lines, with and without the last newline.
local lines = {}
for line in ("first\n\nthird\n"):gmatch("([^\n]*)\n") do lines[#lines + 1] = "[" .. line .. "]" end
print(table.concat(lines)) -- expect: [first][][third]
local total = 0
for num in ("1 -2 3.5 1e2 x"):gmatch("%S+") do total = total + (tonumber(num) or 0) end
print(total) -- expect: 102.5
print(pcall(string.gmatch, "x"))
-- expect: false bad argument #2 to 'string.gmatch' (string expected, got no value)
print((pcall(function() for _ in ("x"):gmatch("(") do end end))) -- expect: false
