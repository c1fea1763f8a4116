-- Work whose length depends on an argument: rep, concat, format, upper, reverse, byte.
local big = ("0123456789"):rep(5000, "-")
print(#big, big:sub(1, 12), big:sub(-3)) -- expect: 54999 0123456789-0 789
print(#big:upper(), #big:reverse(), big:reverse():sub(1, 3), #big:lower())
-- expect: 54999 54999 987 54999
print(select(2, big:gsub("9", "nine")), #(big:gsub("%d+", "")), big:find("9-0", 40000, true))
-- expect: 5000 4999 40006 40008
print(#table.concat({big, big, big}, ("."):rep(1000))) -- expect: 166997
print(#string.format("%s|%99d|%.99f", big, 1, 0.5), #string.format("%q", big))
-- expect: 55201 55001
print(#string.pack("<s4z", big, big), string.unpack("z", big .. "\0") == big) -- expect: 110003 true
print(utf8.len(big), utf8.offset(big, 50000)) -- expect: 54999 50000
local parts = {}
for i = 1, 40 do parts[i] = big end
local all = table.concat(parts)
print(#all, all == big:rep(40), all:sub(1000000, 1000009)) -- expect: 2199960 true 789-012345
print(tonumber(("9"):rep(500)), tonumber("0." .. ("0"):rep(300) .. "1") == 1e-301)
-- expect: inf true
print(pcall(string.rep, "abc", math.maxinteger)) -- expect: false resulting string too large
print(pcall(string.rep, "x", math.maxinteger, "y")) -- expect: false resulting string too large
local f = load("return '" .. big .. "'")
print(f() == big, #string.dump(f) > #big) -- expect: true true
