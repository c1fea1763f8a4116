-- Loops of every kind nested in each other with jumps, so that each back edge is a stop.
local log = {}
for i = 1, 3 do
  local j = 0
  while j < 3 do
    j = j + 1
    if j == 2 then goto next_j end
    local k = 0
    repeat
      k = k + 1
      local skip = (i + j + k) % 2 == 0
      if skip then goto next_k end
      for _, v in ipairs {"p", "q"} do
        if v == "q" and k == 2 then goto next_i end
        log[#log + 1] = i .. j .. k .. v
      end
      ::next_k::
    until k == 3
    ::next_j::
  end
  ::next_i::
end
print(table.concat(log, " "))
-- expect: 111p 111q 113p 113q 131p 131q 133p 133q 212p 311p 311q 313p 313q 331p 331q 333p 333q
-- Numeric loops with every kind of bound, paused in the middle.
local out = {}
for x = 1, 2, 0.5 do for y = 3, 1, -1 do out[#out + 1] = x * y end end
print(table.concat(out, " ")) -- expect: 3.0 2.0 1.0 4.5 3.0 1.5 6.0 4.0 2.0
local total = 0
for i = math.maxinteger - 2, math.maxinteger do
  for j = -1, 1 do total = total + j + (i & 1) end
end
print(total) -- expect: 6
local s = ""
for c in ("abc"):gmatch(".") do for n = #s, 0, -1 do s = s .. c if n == 1 then break end end end
print(s) -- expect: abcc
