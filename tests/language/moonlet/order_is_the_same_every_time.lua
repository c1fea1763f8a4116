-- Two tables with one history have one order, with keys that are objects too.
local function build()
  local t = {}
  local objects = {}
  for i = 1, 20 do
    local kind = i % 3
    objects[i] = kind == 0 and {} or kind == 1 and function() return i end or coroutine.create(print)
    t[objects[i]] = i
    if i % 5 == 0 then t["s" .. i] = i end
    if i % 7 == 0 then t[objects[i - 2]] = nil end
  end
  local values = {}
  for _, v in pairs(t) do values[#values + 1] = v end
  return table.concat(values, " ")
end
local first = build()
collectgarbage()
print(first == build(), first == build()) -- expect: true true
print(first) -- expect: 1 2 3 4 5 6 7 8 9 10 10 11 13 14 15 15 16 17 18 19 20 20
