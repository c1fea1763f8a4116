-- If start and step are not both integers, the loop counts in floats.
local function run(first, last, step)
  local out = {}
  for i = first, last, step or 1 do
    out[#out + 1] = tostring(i)
    if #out == 6 then break end
  end
  return table.concat(out, " ")
end
print(run(1.0, 3)) -- expect: 1.0 2.0 3.0
print(run(1, 3, 1.0)) -- expect: 1.0 2.0 3.0
print(run(1, 2, 0.25)) -- expect: 1.0 1.25 1.5 1.75 2.0
print(run(3.5, 1, -1), run(1, 3.0)) -- expect: 3.5 2.5 1.5 1 2 3
print(run(0, 0.3, 0.1)) -- expect: 0.0 0.1 0.2
print(run(1.5, 1), run(1, math.huge, 1e308)) -- expect: 1.0 1e+308 inf inf inf inf
print(run(2^53, 2^53 + 4, 1.0))
-- expect: 9.007199254741e+15 9.007199254741e+15 9.007199254741e+15 9.007199254741e+15 9.007199254741e+15 9.007199254741e+15
print(run(-0.0, 0.0)) -- expect: -0.0

print(run(math.huge, math.huge), run(1.0, -math.huge, -1e308))
-- expect: inf inf inf inf inf inf 1.0 -1e+308 -inf -inf -inf -inf

local function message(f)
  return select(2, pcall(f)):match(": (.*)")
end
print(message(function() for i = {}, 2 do end end))
-- expect: bad 'for' initial value (number expected, got table)
print(message(function() for i = 1, {} do end end))
-- expect: bad 'for' limit (number expected, got table)
print(message(function() for i = 1, 2, {} do end end))
-- expect: bad 'for' step (number expected, got table)
print(message(function() for i = nil, 2 do end end))
-- expect: bad 'for' initial value (number expected, got nil)
print(message(function() for i = 1, "x" do end end))
-- expect: bad 'for' limit (number expected, got string)
print(message(function() for i = 1.5, print do end end))
-- expect: bad 'for' limit (number expected, got function)
