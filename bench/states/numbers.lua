-- 200,000 floats in one array; `build` makes them and waits.
return {
  handlers = {
    build = sys.export(function()
      local list = {}
      for i = 1, 200000 do
        list[i] = i + 0.5
      end
      sys.invoke("wait")
      return #list
    end),
  },
}
