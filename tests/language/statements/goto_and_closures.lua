-- Each pass through a goto loop makes new locals; closures keep their own.
local list = {}
do
  local i = 1
  ::again::
  do
    local x = i * 10
    list[i] = function(add)
      x = x + (add or 0)
      return x
    end
  end
  i = i + 1
  if i <= 3 then goto again end
end
print(list[1](), list[2](), list[3]()) -- expect: 10 20 30
list[1](5)
print(list[1](), list[2](), list[3]()) -- expect: 15 20 30

local fs = {}
do
  local k = 0
  ::loop::
  local y
  k = k + 1
  fs[k] = {set = function(v) y = v end, get = function() return y end}
  if k < 2 then goto loop end
end
fs[1].set("first")
print(fs[1].get(), fs[2].get()) -- expect: first nil
fs[2].set("second")
print(fs[1].get(), fs[2].get()) -- expect: first second

-- continue in a loop with captured variables.
local gs = {}
for i = 1, 4 do
  local j = i
  if i % 2 == 0 then goto continue end
  gs[#gs + 1] = function() j = j + 1; return i, j end
  ::continue::
end
print(#gs, gs[1]()) -- expect: 2 1 2
print(gs[2](), gs[2]()) -- expect: 3 3 5
