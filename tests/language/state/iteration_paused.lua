-- A loop over pairs that pauses at every step sees every key once and in the order of before.
local function build()
  local t = {10, 20, 30, nil, 50}
  for _, k in ipairs {"x", "y", "z", "alpha", "beta"} do t[k] = k:upper() end
  t[true], t[1.5], t[-3], t[100] = "bool", "float", "neg", "far"
  t[print] = "builtin"
  return t
end
local t = build()
local before = {}
for k, v in pairs(t) do before[#before + 1] = k; before[#before + 1] = v end

local function compare(iterate)
  local n = 0
  for k, v in iterate do
    if before[n + 1] ~= k or before[n + 2] ~= v then return "differs at " .. tostring(k) end
    n = n + 2
  end
  return n == #before and "same" or "too short"
end
print(compare(coroutine.wrap(function()
  for k, v in pairs(t) do coroutine.yield(k, v) end
end))) -- expect: same
print(compare(coroutine.wrap(function()
  local k, v = next(t)
  while k ~= nil do
    coroutine.yield(k, v)
    collectgarbage()
    k, v = next(t, k)
  end
end))) -- expect: same
-- Two loops over one table, interleaved, and a loop in a loop.
local a = coroutine.wrap(function() for k, v in pairs(t) do coroutine.yield(k, v) end end)
local b = coroutine.wrap(function() for k, v in pairs(t) do coroutine.yield(k, v) end end)
a() a() b()
print(b() == before[3], a() == before[5]) -- expect: true true
local pairs_seen = 0
for _ in pairs(t) do for _ in pairs(t) do pairs_seen = pairs_seen + 1 end end
print(pairs_seen == (#before // 2) ^ 2) -- expect: true

-- ipairs stops at the hole; a custom iterator keeps its own position.
local seen = {}
for i, v in coroutine.wrap(function() for i, v in ipairs(t) do coroutine.yield(i, v) end end) do
  seen[#seen + 1] = i .. "=" .. v
end
print(table.concat(seen, " ")) -- expect: 1=10 2=20 3=30
local function reversed(list)
  local i = #list + 1
  return function()
    i = i - 1
    coroutine.yield("at " .. i)
    if i > 0 then return i, list[i] end
  end
end
local co = coroutine.wrap(function()
  local out = {}
  for i, v in reversed({"a", "b"}) do out[#out + 1] = i .. v end
  return table.concat(out, ",")
end)
print(co(), co(), co(), co()) -- expect: at 2 at 1 at 0 2b,1a
