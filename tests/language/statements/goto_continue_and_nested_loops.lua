-- goto as continue, as a jump out of nested loops, and backwards.
local odd = {}
for i = 1, 9 do
  if i % 2 == 0 then goto continue end
  odd[#odd + 1] = i
  ::continue::
end
print(table.concat(odd, ",")) -- expect: 1,3,5,7,9

local found
for i = 1, 10 do
  for j = 1, 10 do
    if i * j == 42 then
      found = i .. "x" .. j
      goto done
    end
  end
end
::done::
print(found) -- expect: 6x7

local n = 0
::top::
n = n + 1
if n < 5 then goto top end
print(n) -- expect: 5

-- A label at the end of a block does not bring later locals into scope.
do
  local k = 0
  ::a::
  k = k + 1
  if k > 3 then goto out end
  local x = k
  goto a
  ::out::
end

while true do
  local i = 1
  while true do
    if i == 3 then goto leave end
    i = i + 1
  end
end
::leave:: print("left") -- expect: left

-- Same label names in sibling functions and nested functions.
local function f(x)
  if x then goto label end
  do return "fell" end
  ::label::
  return (function()
    goto label
    ::label::
    return "jumped"
  end)()
end
print(f(true), f(false)) -- expect: jumped fell

repeat
  local done = true
  if done then goto cont end
  print("never")
  ::cont::
until true

-- A state machine.
local out, state, pos = {}, nil, 1
local input = "aab"
::start:: if input:sub(pos, pos) == "a" then pos = pos + 1; goto seen_a end goto fail
::seen_a:: out[#out + 1] = "A"
if input:sub(pos, pos) == "a" then pos = pos + 1; goto seen_a end
if input:sub(pos, pos) == "b" then goto accept end
::fail:: out[#out + 1] = "fail"
::accept:: out[#out + 1] = "ok"
print(table.concat(out, " ")) -- expect: A A ok
