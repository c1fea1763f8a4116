-- A line hook sees each line that is entered, also in loops and when a line repeats.
local seen = {}
local function trace(f, ...)
  local first = debug.getinfo(f, "S").linedefined
  seen = {}
  debug.sethook(function(event, line)
    if debug.getinfo(2, "f").func == f then seen[#seen + 1] = line - first end
  end, "l")
  f(...)
  debug.sethook()
  return table.concat(seen, " ")
end
print(trace(function()
  local a = 1
  a = a + 1
  return a
end)) -- expect: 1 2 3
print(trace(function()
  for i = 1, 3 do
    local x = i
  end
end)) -- expect: 1 2 1 2 1 2 1 4
print(trace(function()
  local i = 0
  while i < 2 do
    i = i + 1
  end
end)) -- expect: 1 2 3 2 3 2 5
print(trace(function()
  local t = {
    1,
    2,
  }
  return t
end)) -- expect: 1 2 4 5
print(trace(function(x)
  if x then
    return 1
  else
    return 2
  end
end, true)) -- expect: 1 2
print(trace(function() local a = 1; local b = 2; return a + b end)) -- expect: 0
print(trace(function()
  for i = 1, 3 do local x = i end
end)) -- expect: 1 1 1 2
print(trace(function()
  local s = ""
  for k, v in ipairs({1, 2}) do
    s = s .. v
  end
  repeat
    s = s .. "x"
  until #s > 3
end)) -- expect: 1 2 3 2 3 2 4 6 7 6 7 8
print(trace(function()
  goto skip
  print("never")
  ::skip::
  local done = true
end)) -- expect: 1 4 5
print(trace(load("local a = 1\n\n\nlocal b = 2\nreturn a, b"))) -- expect: 1 4 5
