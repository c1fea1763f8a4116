-- The length of sequences; # of strings; tables with holes have some border.
print(#"", #"abc", #"a\0b", #"\u{20AC}") -- expect: 0 3 3 3
local t = {}
print(#t) -- expect: 0
for i = 1, 10 do t[i] = i end
print(#t) -- expect: 10
t[#t] = nil
print(#t) -- expect: 9
t[#t + 1] = "new"
t[#t + 1] = "newer"
print(#t, t[11]) -- expect: 11 newer
for i = #t, 1, -1 do t[i] = nil end
print(#t) -- expect: 0
t[1.0] = "a"; t[2.0] = "b"
print(#t) -- expect: 2
print(#{n = 3}, #{[0] = 0}, #{[-1] = -1, 1}, #{1, 2, 3, nil}) -- expect: 0 0 1 3

-- Filled from the end, and through next-power-of-two sizes.
local u = {}
for i = 20, 1, -1 do u[i] = i end
print(#u) -- expect: 20
for _, n in ipairs {1, 2, 3, 4, 5, 8, 9, 16, 17, 33} do
  local v = {}
  for i = 1, n do v[i] = true end
  assert(#v == n)
  v[n] = nil
  assert(#v == n - 1)
end
-- With holes, any border will do, and it is one.
local h = {1, 2, nil, 4, nil, nil, 7}
local n = #h
print(n == 0 or h[n] ~= nil, h[n + 1] == nil) -- expect: true true
h[3], h[7] = nil, nil
n = #h
print(n == 0 or h[n] ~= nil, h[n + 1] == nil) -- expect: true true
print(select(2, pcall(function() local x = 5; return #x end)):match(": (.*)"))
-- expect: attempt to get length of a number value (local 'x')
print(select(2, pcall(function() return #t.missing end)):match(": (.*)"))
-- expect: attempt to get length of a nil value (field 'missing')
