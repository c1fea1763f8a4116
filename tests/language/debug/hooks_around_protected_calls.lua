-- A protected call does not catch what fails in the hooks before it starts and after it has ended.
local count = 0
local function failing(event)
  count = count + 1
  if count > 5 then debug.sethook() return end
  local info = debug.getinfo(2, "nf")
  if info.func == pcall or info.func == xpcall then
    debug.sethook()
    error(event .. " of a protected call", 0)
  end
end
local function fails() error("inside", 0) end
local function returns() return "fine" end
local function try(mask, f, ...)
  count = 0
  local co = coroutine.create(function(...)
    debug.sethook(failing, mask)
    local ok, message = f(...)
    debug.sethook()
    return ok, message
  end)
  print(coroutine.resume(co, ...))
end
try("r", pcall, returns) -- expect: false return of a protected call
try("r", xpcall, returns, print) -- expect: false return of a protected call
try("c", pcall, returns) -- expect: false call of a protected call
try("c", xpcall, returns, print) -- expect: false call of a protected call
-- One around it does.
try("r", function() return select(2, pcall(function() return (pcall(returns)) end)) end)
-- expect: true return of a protected call nil
-- With an error inside, the hook sees a call that has caught it.
local seen = {}
debug.sethook(function(event)
  if debug.getinfo(2, "f").func == pcall then seen[#seen + 1] = event end
end, "r")
pcall(fails)
debug.sethook()
print(table.concat(seen, " ")) -- expect: return
