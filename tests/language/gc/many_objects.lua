-- Thousands of objects of all kinds come and go; what is held stays as it was.
local keep = {}
for i = 1, 60 do
  keep[i] = {i, tostring(i), function() return i end, {n = i}}
  for _ = 1, 5 do local junk = {i, {}, tostring(i) .. "junk"} end
end
collectgarbage("step")
local ok = true
for i = 1, 60 do
  local k = keep[i]
  ok = ok and k[1] == i and k[2] == tostring(i) and k[3]() == i and k[4].n == i
end
print(ok, #keep) -- expect: true 60
for i = 1, 60, 2 do keep[i] = nil end
collectgarbage()
local n = 0
for _, k in pairs(keep) do
  n = n + 1
  assert(k[3]() == k[1])
end
print(n) -- expect: 30
-- Strings made again and again are found again.
local t = {}
for i = 1, 40 do
  t["key" .. i % 10] = (t["key" .. i % 10] or 0) + 1
  if i % 20 == 0 then collectgarbage() end
end
n = 0
for _, v in pairs(t) do n = n + v end
print(n, t.key3) -- expect: 40 4
collectgarbage("generational")
for i = 1, 50 do local _ = {{}, tostring(i)} end
collectgarbage("step")
collectgarbage("incremental")
print(keep[2][2], keep[60][3]()) -- expect: 2 60
