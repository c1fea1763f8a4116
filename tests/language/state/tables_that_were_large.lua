-- Tables that lost most or all of what they had.
local t = {}
for i = 1, 120 do t[i] = i end
for i = 120, 1, -1 do t[i] = nil end
print(#t, next(t)) -- expect: 0 nil
t[1] = "again"
print(#t, t[1], next(t)) -- expect: 1 again 1 again
local d = {}
for i = 1, 100 do d["k" .. i] = i end
for i = 1, 100 do if i ~= 50 then d["k" .. i] = nil end end
local n = 0
for k, v in pairs(d) do n = n + 1; io.write(k, "=", v, " ") end
print(n) -- expect: k50=50 1
d.k50 = nil
print(next(d)) -- expect: nil
for i = 1, 10 do d["new" .. i] = i end
n = 0
for _, v in pairs(d) do n = n + v end
print(n) -- expect: 55
-- The same key removed and added many times.
local flip = {stay = true}
for i = 1, 30 do
  flip.x = i
  flip.x = nil
end
flip.x = "last"
n = 0
for _ in pairs(flip) do n = n + 1 end
print(n, flip.x, flip.stay) -- expect: 2 last true
-- From list to fields and back.
local m = {}
for i = 1, 20 do m[i] = i end
for i = 1, 20 do m["s" .. i] = i; m[i] = nil end
for i = 1, 20 do m[i] = -i; m["s" .. i] = nil end
print(#m, m[20], m.s20) -- expect: 20 -20 nil
local keys = 0
for k in pairs(m) do keys = keys + k end
print(keys) -- expect: 210
