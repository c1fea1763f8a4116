-- Loops over library iterators are paused by yields in their bodies and go on.
local co = coroutine.wrap(function()
  for k, v in pairs {a = 1, b = 2, c = 3} do coroutine.yield(k .. v) end
  for i, v in ipairs {"x", "y"} do coroutine.yield(i .. v) end
  for w in ("p q"):gmatch("%a") do coroutine.yield(w) end
  for p, c in utf8.codes("\u{e4}z") do coroutine.yield(p .. ":" .. c) end
  return "end"
end)
local seen = {}
repeat
  seen[#seen + 1] = co()
until seen[#seen] == "end"
print(table.concat(seen, " ")) -- expect: a1 b2 c3 1x 2y p q 1:228 3:122 end
