-- A finalizer runs outside of any coroutine's reach and cannot yield; the program goes on.
local seen = {}
local co = coroutine.wrap(function()
  do
    local function scope()
      setmetatable({}, {__gc = function()
        seen[#seen + 1] = tostring(coroutine.isyieldable())
        local ok, message = pcall(coroutine.yield, "from gc")
        seen[#seen + 1] = tostring(ok)
        seen[#seen + 1] = message
      end})
    end
    scope()
  end
  collectgarbage()
  collectgarbage()
  coroutine.yield("alive")
  return "end"
end)
print(co()) -- expect: alive
print(co()) -- expect: end
print(table.concat(seen, ", ")) -- expect: false, false, attempt to yield across a C-call boundary
