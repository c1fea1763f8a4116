-- modes: plain trip:101 stress fail -- ten thousand safepoints over as many objects
-- Coroutines that nothing but a table refers to, made while the collector marks: it finds many of
-- them at the end of the marking, puts that off, and must not lose what they refer to.
local wrong = 0
for round = 1, 40 do
  local garbage = {}
  for n = 1, round * 37 do garbage[n] = {} end
  local list, sum, count, seen = {}, 0, 500, {}
  for i = 1, count do
    local item = {mail = {}, head = 1, waiting = false, thread = coroutine.create(function(self)
      while true do
        sum = sum + i
        if self ~= list[i] then wrong = wrong + 1 end
        seen[i] = count
        coroutine.yield()
      end
    end)}
    item.arguments = {item}
    list[i] = item
  end
  for i = 1, count do coroutine.resume(list[i].thread, table.unpack(list[i].arguments)) end
  if sum ~= count * (count + 1) // 2 or #seen ~= count then wrong = wrong + 1 end
end
print(wrong) -- expect: 0
