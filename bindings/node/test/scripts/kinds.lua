local function fail(input) error(input.value or "no reason") end

return {
  handlers = {
    echo = function(input) return input end,
    kind = function(input) return math.type(input) or type(input) end,
    ask = function(input) return sys.invoke("ask", input) end,
    bytes = function(input) return #input, string.byte(input, 1, -1) end,
    make = function(name)
      local t = {
        integer = 42,
        large = math.maxinteger,
        small = math.mininteger,
        edge = 2^53 // 1 | 0,
        float = 0.5,
        negative_zero = -0.0,
        infinity = math.huge,
        text = "größer",
        bytes = "\xff\x00\x80",
        list = { 1, "b", { 3 } },
        gap = { 1, nil, 3 },
        object = { b = 1, a = { c = true } },
        empty = {},
        mixed = { "first", name = "x" },
        sparse = { [1] = "a", [1000] = "b" },
        other = { [-1] = "a", [0.5] = "b", [true] = "c" },
        names = { ["\xff"] = 1, ["\xfe"] = 2 },
        proto = { ["__proto__"] = { polluted = true } },
      }
      return t[name]
    end,
    keys = function(map)
      local found = {}
      for key, value in pairs(map) do
        found[#found + 1] = (math.type(key) or type(key)) .. " " .. tostring(key) .. "=" .. tostring(value)
      end
      table.sort(found)
      return found
    end,
    unfit = function() return { a = { print } } end,
    key_of_table = function() return { [{}] = 1 } end,
    fail = function(input) fail(input) end,
    fail_later = function(input)
      sys.invoke("ask")
      fail(input)
    end,
    deep = function(n)
      local function down(k) return k == 0 and 0 or 1 + down(k - 1) end
      return down(n)
    end,
    eat = function()
      local ok, why = pcall(string.rep, "x", 1e9)
      local t = {}
      for n = 1, 1e9 do t[n] = ("x"):rep(1000) .. n end
    end,
    caught = function()
      local function down(k) return 1 + down(k + 1) end
      local ok, depth = pcall(down, 0)
      local too_much = select(2, pcall(string.rep, "x", 1e8))
      sys.invoke("ask")
      return { depth, too_much, (select(2, pcall(down, 0))) }
    end,
    spin = function() while true do end end,
    spin_caught = function() while true do pcall(function() while true do end end) end end,
    busy = function(n) local x = 0 for i = 1, n do x = x + i end return x end,
    wait_and_work = function(n)
      sys.invoke("ask")
      local x = 0
      for i = 1, n do x = x + i end
      return x
    end,
    write = function(text) print(text) return sys.invoke("ask") end,
    seen = function()
      sys.emit("started", { n = 1 })
      sys.log("info", "half", { done = true }, 2)
      sys.sleep(0.01)
      return sys.invoke("ask")
    end,
    all = function() return sys.all { a = { "one", 1 }, b = { "two", 2 } } end,
    settle = function() return sys.settle { a = { "one", 1 }, b = { "two", 2 } } end,
    race = function()
      local value, key = sys.race { a = { "one", 1 }, b = { "two", 2 } }
      return { value = value, key = key }
    end,
    many = function(n)
      local calls = {}
      for k = 1, n do calls[k] = { "square", k } end
      return sys.all(calls)
    end,
    change_config = function() sys.config().region = "here" end,
    config = function() return sys.config() end,
    random = function() return math.random(1, 1000000000) end,
    library = function() return { string = type(string), table = type(table), math = type(math), os = type(os), io = type(io) } end,
  },
}
