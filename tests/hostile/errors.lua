local function deep(n) if n == 0 then error("thrown") end deep(n - 1) return n end
while true do
  pcall(deep, 150)
  xpcall(deep, debug and debug.traceback or print, 10000)
end
