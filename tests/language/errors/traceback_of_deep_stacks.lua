-- A long traceback leaves out its middle.
local function down(n)
  if n == 0 then return debug.traceback("deep") .. "" end
  local text = down(n - 1)
  return text
end
local function shape(text)
  local lines, skipped = 0, nil
  for line in text:gmatch("[^\n]+") do
    lines = lines + 1
    skipped = skipped or line:match("%.%.%.%s*%(skipping (%d+) levels%)")
  end
  return lines, skipped
end
print(shape(down(5))) -- expect: 10 nil
print(shape(down(19))) -- expect: 24 nil
print(shape(down(20))) -- expect: 24 1
print(shape(down(100))) -- expect: 24 81
local co = coroutine.create(function()
  local function wait(n) if n == 0 then coroutine.yield() end wait(n - 1) end
  wait(50)
end)
coroutine.resume(co)
print(shape(debug.traceback(co))) -- expect: 23 31
