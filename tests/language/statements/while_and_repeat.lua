-- Conditions are anything but nil and false; repeat sees the locals of its body.
local n = 0
while n < 3 do n = n + 1 end
print(n) -- expect: 3
while nil do print("never") end
while false do print("never") end
local k = 0
while 0 do k = k + 1; if k == 2 then break end end
print(k) -- expect: 2
while "" do break end

repeat
  local done = n > 4
  n = n + 1
until done
print(n) -- expect: 6

-- The condition may use a captured local of the body.
local fs = {}
repeat
  local i = #fs + 1
  fs[i] = function() return i end
until fs[i]() == 3
print(#fs, fs[1](), fs[3]()) -- expect: 3 1 3

-- break leaves the innermost loop only.
local trace = {}
for i = 1, 2 do
  local j = 0
  while true do
    j = j + 1
    if j > i then break end
    repeat
      trace[#trace + 1] = i .. j
      do break end
    until false
  end
end
print(table.concat(trace, " ")) -- expect: 11 21 22

local function search(list, wanted)
  local i = 1
  while list[i] do
    if list[i] == wanted then return i end
    i = i + 1
  end
  return nil, "missing"
end
print(search({"a", "b"}, "b")) -- expect: 2
print(search({}, "b")) -- expect: nil missing
while true do
  if n > 100 then break else n = n * 2 end
end
print(n) -- expect: 192
repeat local x = 1; local y = x + 1 until y == 2
