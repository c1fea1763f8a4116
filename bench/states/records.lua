-- 20,000 records of five fields, one of them a list of two texts; `build` makes them and waits.
return {
  handlers = {
    build = sys.export(function()
      local list = {}
      for i = 1, 20000 do
        list[i] = {id = i, name = "thing" .. i, x = i + 0.5, y = i + 0.25, marks = {"red", "new"}}
      end
      sys.invoke("wait")
      return #list
    end),
  },
}
