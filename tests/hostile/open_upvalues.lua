-- A stack with many open cells, deep down.
local function descend(n)
  local a, b, c = n, n, n
  local function get() return a + b + c end
  if n > 0 then return descend(n - 1) + get() end
  return get()
end
while true do pcall(descend, 20000) end
