-- os.exit ends the program with a code, from any depth; nothing more runs.
local function leave(n)
  if n == 0 then
    pcall(function()
      local pending <close> = setmetatable({}, {__close = function() print("not closed") end})
      coroutine.wrap(function() os.exit(7) end)()
    end)
    print("never")
  end
  leave(n - 1)
end
io.write("buffered output is written\n")
-- expect: buffered output is written
leave(5)
-- expect exit: 7
