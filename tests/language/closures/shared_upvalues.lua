-- Closures of one activation share its variables; each activation has its own.
local function counter()
  local n = 0
  local function up(by) n = n + (by or 1); return n end
  local function get() return n end
  local function reset() n = 0 end
  return up, get, reset
end
local up1, get1, reset1 = counter()
local up2, get2 = counter()
up1() up1() up2(10)
print(get1(), get2()) -- expect: 2 10
reset1()
print(get1(), get2()) -- expect: 0 10

-- Three levels deep, through functions that do not use the variable themselves.
local function outer()
  local v = "v"
  local function middle()
    local function inner(new) local old = v; v = new or v; return old end
    return inner
  end
  return middle(), middle(), function() return v end
end
local a, b, read = outer()
a("from a")
print(b("from b"), read(), a == b) -- expect: from a from b false

-- Parameters and varargs of the enclosing function.
local function bind(f, ...)
  local args, n = {...}, select("#", ...)
  return function(...)
    local all = {table.unpack(args, 1, n)}
    for i = 1, select("#", ...) do all[n + i] = (select(i, ...)) end
    return f(table.unpack(all, 1, n + select("#", ...)))
  end
end
print(bind(math.max, 3, 9)(4, 1)) -- expect: 9
local function param(p)
  return function() p = p .. "!"; return p end
end
local p = param("hey")
p()
print(p(), param("x")()) -- expect: hey!! x!

-- A variable shared by a function and the loop around it.
local total = 0
for i = 1, 4 do
  local add = function() total = total + i end
  add() add()
end
print(total) -- expect: 20
