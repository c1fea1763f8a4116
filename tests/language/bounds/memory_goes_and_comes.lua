-- modes: plain trip:101 stress fail -- loops over large strings
-- What is dropped is given back, again and again.
local function measure(f)
  collectgarbage()
  local before = collectgarbage("count")
  f()
  collectgarbage()
  return collectgarbage("count") - before < 50
end
print(measure(function()
  for i = 1, 20 do local s = ("x"):rep(100000) .. i end
end)) -- expect: true
print(measure(function()
  local t = {}
  for i = 1, 3000 do t[i] = {i} end
end)) -- expect: true
print(measure(function()
  for i = 1, 100 do coroutine.wrap(function() coroutine.yield() end)() end
end)) -- expect: true
print(measure(function()
  local s = ""
  for i = 1, 300 do s = s .. "piece " .. i end
end)) -- expect: true
-- Two questions in one expression get one answer.
local a, b = collectgarbage("count"), collectgarbage("count")
print(a == b) -- expect: true
-- Errors while something large is being built give it all back.
print(measure(function()
  for i = 1, 20 do
    pcall(function()
      local t = {}
      for j = 1, 200 do t[j] = ("y"):rep(100) .. j end
      error(t)
    end)
  end
end)) -- expect: true
