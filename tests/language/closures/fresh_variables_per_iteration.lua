-- Every iteration of every kind of loop makes new variables.
local fs = {}
for i = 1, 3 do
  local j = i * 10
  fs[i] = {get = function() return i, j end, set = function(a, b) i, j = a, b end}
end
fs[1].set("x", "y")
print(fs[1].get()) -- expect: x y
print(fs[2].get()) -- expect: 2 20
print(fs[3].get()) -- expect: 3 30

local gs = {}
for k, v in pairs({"a", "b"}) do
  gs[k] = function() v = v .. k; return v end
end
print(gs[1](), gs[1](), gs[2]()) -- expect: a1 a11 b2

local hs, n = {}, 0
while n < 3 do
  n = n + 1
  local m = n
  hs[n] = function() m = m + 100; return m, n end
end
print(hs[1]()) -- expect: 101 3
print(hs[1]()) -- expect: 201 3
print(hs[3]()) -- expect: 103 3

local rs, q = {}, 0
repeat
  local w = q
  rs[#rs + 1] = function() return w end
  q = q + 1
until w == 2
print(rs[1](), rs[2](), rs[3]()) -- expect: 0 1 2

-- break and inner returns leave closures intact.
local function first_even(list)
  local found
  for _, v in ipairs(list) do
    local this = v
    if v % 2 == 0 then
      found = function() this = this + 1; return this end
      break
    end
  end
  return found
end
local f, g = first_even({1, 4, 6}), first_even({8})
print(f(), f(), g()) -- expect: 5 6 9

-- A variable without initialiser starts as nil in each pass.
local seen = {}
for i = 1, 3 do
  local fresh
  seen[i] = tostring(fresh)
  fresh = i
  local _ = function() return fresh end
end
print(table.concat(seen, " ")) -- expect: nil nil nil
