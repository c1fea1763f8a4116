-- Local variables by level and index: parameters, varargs, temporaries, scopes.
local function f(a, b, ...)
  local c = a + b
  do local inner = "gone" end
  local d <const> = 7
  local e <close> = nil
  local names = {}
  local i = 1
  while true do
    local name, value = debug.getlocal(1, i)
    if not name or name:sub(1, 1) == "(" then break end
    names[#names + 1] = name .. "=" .. (type(value) == "table" and "table" or tostring(value))
    i = i + 1
  end
  print(table.concat(names, " "))
  print(debug.getlocal(1, -1))
  print(debug.getlocal(1, -2))
  print(debug.getlocal(1, -3))
  print(debug.setlocal(1, 1, "new a"), a, debug.setlocal(1, -2, "new vararg"), (select(2, ...)))
  return a
end
print(f(1, 2, "v1", "v2"))
-- expect: a=1 b=2 c=3 e=nil names=table i=6
-- expect: (vararg) v1
-- expect: (vararg) v2
-- expect: nil
-- expect: a new a (vararg) new vararg
-- expect: new a
-- Of a function that is not active: parameter names only.
print(debug.getlocal(f, 1), debug.getlocal(f, 2), debug.getlocal(f, 3)) -- expect: a b nil
print(pcall(debug.getlocal, print, 1)) -- expect: true nil
-- At other levels.
local function inner()
  return debug.getlocal(2, 1), debug.setlocal(2, 2, "set from inner")
end
local function outer(p)
  local q = "q"
  local name, set = inner()
  return name, set, p, q
end
print(outer("p")) -- expect: p q p set from inner
-- In loops and of suspended coroutines.
for i = 1, 1 do
  local found = {}
  local k = 1
  while true do
    local name = debug.getlocal(1, k)
    if not name then break end
    if name == "i" or name:match("^%(for") then found[#found + 1] = name end
    k = k + 1
  end
  print(table.concat(found, " ")) -- expect: (for state) (for state) (for state) i
end
local co = coroutine.create(function(x)
  local y = x * 2
  coroutine.yield()
  return x, y
end)
coroutine.resume(co, 21)
print(debug.getlocal(co, 1, 1)) -- expect: x 21
print(debug.getlocal(co, 1, 2)) -- expect: y 42
print(debug.setlocal(co, 1, 2, "changed")) -- expect: y
print(coroutine.resume(co)) -- expect: true 21 changed
print(pcall(debug.getlocal, 100, 1))
-- expect: false bad argument #1 to 'debug.getlocal' (level out of range)
print(pcall(debug.setlocal, 100, 1, 2))
-- expect: false bad argument #1 to 'debug.setlocal' (level out of range)
print(pcall(debug.getlocal, co, 5, 1))
-- expect: false bad argument #2 to 'debug.getlocal' (level out of range)
