-- Many values pass between two coroutines at once.
local values = table.pack(table.unpack({}, 1, 60000))
local other = coroutine.wrap(function(...) while true do coroutine.yield(...) end end)
while true do select("#", other(table.unpack(values, 1, 60000))) end
