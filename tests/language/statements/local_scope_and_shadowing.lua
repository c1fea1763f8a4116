-- Blocks, shadowing, and the moment from which a local is visible.
local x = "outer"
do
  local x = x .. "+inner"
  print(x) -- expect: outer+inner
  do
    local x = #x
    print(x) -- expect: 11
  end
  print(x) -- expect: outer+inner
end
print(x) -- expect: outer
local x = x .. " again"
print(x) -- expect: outer again

-- A local is not visible in its own initialiser; a local function is.
local f = function(n) return f == nil end
print(f(1)) -- expect: true
local function fact(n) return n <= 1 and 1 or n * fact(n - 1) end
print(fact(10)) -- expect: 3628800
local a, a = 1, 2
print(a) -- expect: 2

for x = 1, 1 do print(x) end -- expect: 1
for _, x in ipairs {"item"} do print(x) end -- expect: item
local function shadow(x) x = x or "none"; local x = x .. "!"; return x end
print(shadow("arg"), shadow(), x) -- expect: arg! none! outer again

-- Functions see variables, not values.
local counter = 0
local function bump() counter = counter + 1; return counter end
bump()
do local counter = 50; bump(); counter = counter + 1; print(counter) end -- expect: 51
print(counter) -- expect: 2
local y <const> = 1
do local y = 2; y = y + 1; print(y) end -- expect: 3
print(y) -- expect: 1
-- Unassigned locals are nil, also when a register is used again.
do local junk, more = {}, {} end
do local fresh, fresher; print(fresh, fresher) end -- expect: nil nil
for i = 1, 2 do
  local v
  if i == 1 then v = "set" end
  print(i, v)
  -- expect: 1 set
  -- expect: 2 nil
end
