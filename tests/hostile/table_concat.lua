local t = {}
for n = 1, 300000 do t[n] = "item" end
local long = { string.rep("a", 3000000), string.rep("b", 3000000) }
while true do
  table.concat(t, ", ")
  table.concat(long, ",")
end
