local t = {}
for n = 1, 300000 do t[n] = n end
while true do local _ = #t + rawlen(t) end
