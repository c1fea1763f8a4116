-- While a loop is paused, values change, the current key goes, and later keys go.
local function fresh()
  local t = {}
  for i = 1, 6 do t[i] = i; t["k" .. i] = i end
  return t
end
-- How many keys the loop saw, how many values of 100 and more, how many keys are left.
local function run(change)
  local t = fresh()
  local order, place = {}, {}
  for k in pairs(t) do
    order[#order + 1] = k
    place[k] = #order
  end
  local seen, count = {}, 0
  local step = coroutine.wrap(function()
    for k, v in pairs(t) do
      seen[k] = v
      count = count + 1
      coroutine.yield(k, count)
    end
  end)
  while true do
    local k, n = step()
    if k == nil then break end
    change(t, k, place[k], order)
    collectgarbage("step")
  end
  local total = 0
  for _, v in pairs(seen) do if v >= 100 then total = total + 1 end end
  local left = 0
  for _ in pairs(t) do left = left + 1 end
  return count, total, left
end
print(run(function() end)) -- expect: 12 0 12
print(run(function(t, k) t[k] = 100 end)) -- expect: 12 0 12
-- The current key is cleared: the loop goes on behind it.
print(run(function(t, k) t[k] = nil end)) -- expect: 12 0 0
-- Keys that are still to come are cleared: they are not seen.
print(run(function(t, k, n, order)
  if n == 2 then for i = 3, #order do t[order[i]] = nil end end
end)) -- expect: 2 0 2
print(run(function(t, k, n, order) if n % 2 == 1 then t[order[n + 1]] = nil end end))
-- expect: 6 0 6
-- Keys that were seen are cleared, and their values are gone.
print(run(function(t, k, n, order) if n > 1 then t[order[n - 1]] = nil end end)) -- expect: 12 0 1
-- Later values change before they are reached.
print(run(function(t, k, n, order) if order[n + 1] then t[order[n + 1]] = 1000 end end))
-- expect: 12 11 12
-- next with a key that is not there is an error.
print(pcall(next, {}, "absent")) -- expect: false invalid key to 'next'
print(select(2, pcall(next, {1, 2}, 3))) -- expect: invalid key to 'next'
print(next({}, nil), next({5}, nil)) -- expect: nil 1 5
print(next({5}, 1), pcall(next, {5}, 2) and "end" or "error") -- expect: nil error
