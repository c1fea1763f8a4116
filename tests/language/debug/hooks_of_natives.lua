-- Native functions, those behind tail calls and callbacks too, report one call and one return.
local function events(f, ...)
  local seen = {}
  debug.sethook(function(event)
    local info = debug.getinfo(2, "Snr")
    local name = info.name or (info.what == "C" and "native" or "script")
    local values = {}
    if event ~= "return" or info.what ~= "C" then
      for n = info.ftransfer, info.ftransfer + info.ntransfer - 1 do
        local _, value = debug.getlocal(2, n)
        values[#values + 1] = math.type(value) and value or type(value)
      end
    end
    seen[#seen + 1] = event .. " " .. name .. "(" .. table.concat(values, " ") .. ")"
  end, "cr")
  f(...)
  debug.sethook()
  print(table.concat(seen, ", ", 2, #seen - 1))
end

-- A native function in tail position: its caller returns what it returned.
local function tail(...) return math.max(...) end
events(tail, 3, 7)
-- expect: call f(), call max(3 7), return max(), return f(7)

-- A script's tail call.
local function target(x) return x, x end
local function jump(x) return target(x) end
events(jump, 5)
-- expect: call f(5), tail call script(5), return script(5 5)

-- Callbacks: the library function is one level, whatever it does inside.
events(function() string.gsub("ab", "%w", function(c) return c end) end)
-- expect: call f(), call gsub(string string function), call script(string), return script(string), call script(string), return script(string), return gsub(), return f()
events(function() table.sort({2, 1}, function(x, y) return x < y end) end)
-- expect: call f(), call sort(table function), call script(1 2), return script(boolean), return sort(), return f()
events(function() string.gsub("a", "%w", string.upper) end)
-- expect: call f(), call gsub(string string function), call native(string), return native(), return gsub(), return f()
