return {
  -- Runs commands from the default input, one a line, until it ends or a line says "cont".
  ["debug.debug"] = function()
    while true do
      intrinsic.write_error("lua_debug> ")
      local line = intrinsic.io_read(intrinsic.io_default("input"), "L", 1)
      if line == nil or line == "cont\n" then return end
      local command, message = intrinsic.load(line, "=(debug command)")
      local is_done = command ~= nil
      if is_done then
        is_done, message = pcall(command)
      end
      if not is_done then intrinsic.write_error(intrinsic.tostring(message), "\n") end
    end
  end,
}
