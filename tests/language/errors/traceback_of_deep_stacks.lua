-- A long traceback leaves out its middle.
local function down(n)
  if n == 0 then return debug.traceback("deep") .. "" end
  local text = down(n - 1)
  return text
end
local function in_coroutine(...) return coroutine.wrap(down)(...) end
local function shape(text)
  local lines, skipped = 0, nil
  for line in text:gmatch("[^\n]+") do
    lines = lines + 1
    skipped = skipped or line:match("%.%.%.%s*%(skipping (%d+) levels%)")
  end
  return lines, skipped
end
print(shape(in_coroutine(5))) -- expect: 8 nil
print(shape(in_coroutine(20))) -- expect: 23 nil
print(shape(in_coroutine(21))) -- expect: 24 nil
print(shape(in_coroutine(22))) -- expect: 24 1
print(shape(in_coroutine(100))) -- expect: 24 79
local co = coroutine.create(function()
  local function wait(n) if n == 0 then coroutine.yield() end wait(n - 1) end
  wait(50)
end)
coroutine.resume(co)
print(shape(debug.traceback(co))) -- expect: 23 31
