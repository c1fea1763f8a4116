-- A function may have 255 upvalues; one more is refused.
local function source(n)
  local lines, sum = {}, {}
  -- Two functions, because one may have only 200 locals.
  lines[1] = "local a1 = 1"
  for i = 2, 150 do lines[#lines + 1] = "local a" .. i .. " = " .. i end
  lines[#lines + 1] = "return (function()"
  for i = 151, n do lines[#lines + 1] = "local a" .. i .. " = " .. i end
  for i = 1, n do sum[i] = "a" .. i end
  lines[#lines + 1] = "return function() return " .. table.concat(sum, "+") .. " end,"
  lines[#lines + 1] = "function(v) a1 = v; a" .. n .. " = v end"
  lines[#lines + 1] = "end)()"
  return table.concat(lines, "\n")
end
local sum, set = load(source(255))()
print(sum(), 255 * 256 // 2) -- expect: 32640 32640
set(0)
print(sum() == 255 * 256 // 2 - 256) -- expect: true
local f, message = load(source(256), "=src")
print(f, message)
-- expect: nil src:258: too many upvalues (limit is 255) in function at line 258 near 'end'
print(debug.getinfo(sum, "u").nups) -- expect: 255
print(debug.getupvalue(sum, 255)) -- expect: a255 0
