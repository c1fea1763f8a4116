-- What the other scripts here share: an allocating loop over a heap that stays, and the gaps that
-- it sees between one round and the next, in processor time.

local clock, format = os.clock, string.format

-- A round makes about 300 bytes of garbage; kept[i] takes one of them now and then, so that the
-- heap changes while it is collected.
return function(name, heap, rounds)
  local kept = {}
  for i = 1, 1000 do
    kept[i] = {}
  end
  local histogram, most = {}, 0
  local before = collectgarbage("count")
  local start = clock()
  local last = start
  for round = 1, rounds do
    local record = {id = round, place = {round, 0, 0}, text = format("round %d", round)}
    record.copy = {id = record.id, place = record.place}
    if round % 100 == 0 then
      kept[round / 100 % 1000 + 1] = record
    end
    local now = clock()
    local gap = math.floor((now - last) * 1e6 + 0.5)
    histogram[gap] = (histogram[gap] or 0) + 1
    if gap > most then
      most = gap
    end
    last = now
  end
  local seconds = last - start

  -- The gap that 1 in 10,000 rounds exceeds, and 1 in 100.
  local function percentile(part)
    local left = rounds * part
    for gap = most, 0, -1 do
      left = left - (histogram[gap] or 0)
      if left < 0 then
        return gap / 1000
      end
    end
  end
  assert(heap, "the heap has to live until here")
  print(format("%s %.0f %.2f %.4f %.4f %.4f", name, before / 1024, seconds, percentile(0.01),
               percentile(0.0001), most / 1000))
end
