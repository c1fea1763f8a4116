-- Iterator, state, control value and closing value; the first nil ends the loop.
local function range(state, control)
  if control < state then return control + 1, control * control end
end
for i, sq in range, 3, 0 do print(i, sq) end
-- expect: 1 0
-- expect: 2 1
-- expect: 3 4

-- More variables than results, more results than variables.
local function once(_, seen) if not seen then return true, 2, 3, 4 end end
for a, b in once do print(a, b) end -- expect: true 2
for a, b, c, d, e in once do print(a, b, c, d, e) end -- expect: true 2 3 4 nil

-- The control variable may be assigned without harm.
for i in range, 2, 0 do i = i * 100; print(i) end
-- expect: 100
-- expect: 200

-- An iterator may be any callable value.
local countdown = setmetatable({n = 3}, {__call = function(self)
  self.n = self.n - 1
  if self.n >= 0 then return self.n end
end})
local out = {}
for v in countdown do out[#out + 1] = v end
print(table.concat(out, " ")) -- expect: 2 1 0

-- The fourth value is closed however the loop ends.
local function source(label)
  local closer = setmetatable({}, {__close = function(_, err) print("closed", label, err) end})
  return range, 3, 0, closer
end
for i in source("normal") do end -- expect: closed normal nil
for i in source("break") do break end -- expect: closed break nil
local function f() for i in source("return") do return i end end
print(f())
-- expect: closed return nil
-- expect: 1
print(pcall(function() for i in source("error") do error("e", 0) end end))
-- expect: closed error e
-- expect: false e
for i in source("goto") do goto out end
::out:: -- expect: closed goto nil

-- false is a value like any other and does not end the loop.
local values = {false, 0, ""}
local n = 0
for v in function() n = n + 1; return values[n] end do io.write(tostring(v), ";") end
print() -- expect: false;0;;
print(select(2, pcall(function() for i in 3 do end end)):match("attempt to call a number value"))
-- expect: attempt to call a number value
print(select(2, pcall(function() for i in nil do end end)):match("attempt to call a nil value"))
-- expect: attempt to call a nil value
print(select(2, pcall(function() for i in range, 1, 0, {} do end end)):match("got a (.*)"))
-- expect: non-closable value
