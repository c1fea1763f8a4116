#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

TEST(TableLibrary, InsertsAndRemoves) {
  expect_runs(R"lua(
    local t = {}
    table.insert(t, "c")
    table.insert(t, 1, "a")
    table.insert(t, 2, "b")
    table.insert(t, 4, "d")
    same(list(table.unpack(t)), "a b c d")
    same(table.remove(t, 1), "a")
    same(table.remove(t), "d")
    same(table.remove(t, 3), nil)
    same(table.remove(t, 1), "b")
    same(table.remove(t), "c")
    same(table.remove(t), nil)
    same(#t, 0)
    t[0] = "zero"
    same(table.remove(t), "zero")
    same(t[0], nil)
    t = {1, 2, 3}
    same(table.remove(t, #t + 1), nil)
    fails("bad argument #2 to 'table.insert' (position out of bounds)", table.insert, t, 0, 1)
    fails("position out of bounds", table.insert, t, 5, 1)
    fails("position out of bounds", table.insert, t, -1, 1)
    fails("position out of bounds", table.remove, t, 5)
    fails("position out of bounds", table.remove, t, -1)
    fails("wrong number of arguments to 'insert'", table.insert, t)
    fails("wrong number of arguments to 'insert'", table.insert, t, 1, 2, 3)
    fails("table expected, got number", table.insert, 1, 2)
    fails("table expected, got nil", table.remove, nil)
    fails("number expected, got string", table.insert, t, "x", 1)
    fails("number has no integer representation", table.insert, t, 1.5, 1)
    same(list(table.unpack(t)), "1 2 3")
    table.insert(t, 1.0, "0")
    same(list(table.unpack(t)), "0 1 2 3")
  )lua");
}

TEST(TableLibrary, RespectsMetamethods) {
  expect_runs(R"lua(
    local function proxy(real)
      local log = {}
      return setmetatable({}, {
        __len = function() return #real end,
        __index = function(_, k) log[#log + 1] = "r" .. k return real[k] end,
        __newindex = function(_, k, v) log[#log + 1] = "w" .. k real[k] = v end,
      }), log
    end
    local real = {10, 20, 30}
    local p, log = proxy(real)
    table.insert(p, 1, 5)
    same(list(table.unpack(real)), "5 10 20 30")
    same(list(table.unpack(log)), "r3 w4 r2 w3 r1 w2 w1")
    same(table.remove(p, 1), 5)
    same(list(table.unpack(real)), "10 20 30")
    same(table.concat(p, "-"), "10-20-30")
    same(list(table.unpack(p)), "10 20 30")
    same(list(table.unpack(p, 2, 3)), "20 30")
    table.move(p, 1, 3, 3)
    same(list(table.unpack(real)), "10 20 10 20 30")
    table.sort(p)
    same(list(table.unpack(real)), "10 10 20 20 30")
    table.sort(p, function(a, b) return a > b end)
    same(list(table.unpack(real)), "30 20 20 10 10")
    local odd = setmetatable({}, {__len = function() return "x" end})
    fails("object length is not an integer", table.insert, odd, 1)
    fails("object length is not an integer", table.unpack, odd)
    local huge = setmetatable({}, {__len = function() return math.maxinteger end})
    fails("array too big", table.sort, huge)
    fails("wrong number of arguments", table.insert, huge)
    table.insert(huge, "wrapped")
    same(rawget(huge, math.mininteger), "wrapped")
    local acts = setmetatable({}, {__len = function() return 2 end})
    same(list(select("#", table.unpack(acts))), "2")
    -- What is no table acts as one by its metamethods.
    debug.setmetatable(1, {__index = function(n, k) return n * k end, __len = function() return 3 end})
    same(table.concat(7, ","), "7,14,21")
    fails("table expected, got number", table.insert, 7, 1)
    debug.setmetatable(1, nil)
  )lua");
}

TEST(TableLibrary, PacksAndUnpacks) {
  expect_runs(R"lua(
    local t = table.pack()
    same(t.n, 0)
    t = table.pack(nil, 2, nil)
    same(t.n, 3)
    same(t[2], 2)
    same(select("#", table.unpack({}, 1, 100)), 100)
    local many = {}
    for i = 1, 30000 do many[i] = i end
    same(select("#", table.unpack(many)), 30000)
    same(select(29999, table.unpack(many)), 29999)
    same((select(30000, table.unpack(many))), 30000)
    local again = table.pack(table.unpack(many))
    same(again.n, 30000)
    same(again[12345], 12345)
    same(table.unpack({1, 2}, math.maxinteger), nil)
    same(select("#", table.unpack({}, math.maxinteger - 1, math.maxinteger)), 2)
    same(select("#", table.unpack({}, math.mininteger, math.mininteger + 1)), 2)
    same(select("#", table.unpack({}, 2, 1)), 0)
    same(select("#", table.unpack({}, math.maxinteger, math.mininteger)), 0)
    fails("too many results to unpack", table.unpack, {}, 0, math.maxinteger)
    fails("too many results to unpack", table.unpack, {}, math.mininteger, math.maxinteger)
    fails("too many results to unpack", table.unpack, {}, 1, 1e6)
    fails("too many results to unpack", table.unpack, setmetatable({}, {}), 1, 1e8)
    fails("number expected, got string", table.unpack, {}, "x")
    fails("attempt to get length of a number value", table.unpack, 1)
    same(list(table.unpack("abc", 1, 0)), "")
  )lua");
}

TEST(TableLibrary, Moves) {
  expect_runs(R"lua(
    local function moved(t, ...) return list(table.unpack(table.move(t, ...))) end
    same(moved({10, 20, 30}, 1, 3, 2), "10 10 20 30")
    same(moved({10, 20, 30}, 2, 3, 1), "20 30 30")
    same(moved({10, 20, 30}, 1, 0, 3), "10 20 30")
    same(moved({10, 20, 30}, 1, 3, 3), "10 20 10 20 30")
    same(moved({10, 20, 30}, 1, 3, 1, {}), "10 20 30")
    same(moved({10, 20, 30}, 1, 3, 4, {1, 2, 3}), "1 2 3 10 20 30")
    same(moved({10, 20, 30}, 1, 0, 3, {}), "")
    local t = table.move({10, nil, 30, nil}, 1, 4, 1, {1, 2, 3, 4})
    same(t[1], 10) same(t[2], nil) same(t[3], 30) same(t[4], nil)
    t = table.move({[math.maxinteger - 2] = 1, [math.maxinteger - 1] = 2, [math.maxinteger] = 3},
                   math.maxinteger - 2, math.maxinteger, -10, {})
    same(t[-10], 1) same(t[-9], 2) same(t[-8], 3)
    t = table.move({1, 2, 3}, 1, 3, math.mininteger, {})
    same(t[math.mininteger + 2], 3)
    fails("too many elements to move", table.move, {}, 0, math.maxinteger, 1)
    fails("too many elements to move", table.move, {}, math.mininteger, 0, 1)
    fails("destination wrap around", table.move, {}, 1, math.maxinteger, 2)
    fails("destination wrap around", table.move, {}, 1, 2, math.maxinteger)
    fails("table expected, got nil", table.move, nil, 1, 2, 3)
    fails("number expected, got no value", table.move, {}, 1, 2)
    local big = {}
    for i = 1, 50000 do big[i] = i end
    table.move(big, 1, 50000, 2)
    same(#big, 50001) same(big[1], 1) same(big[50001], 50000) same(big[777], 776)
  )lua");
}

TEST(TableLibrary, Concatenates) {
  expect_runs(R"lua(
    same(table.concat({}), "")
    same(table.concat({}, "x"), "")
    same(table.concat({"a", 1, 2.0, "b"}, "-"), "a-1-2.0-b")
    same(table.concat({"a", "b", "c"}, ",", 2), "b,c")
    same(table.concat({"a", "b", "c"}, ",", 2, 2), "b")
    same(table.concat({"a", "b", "c"}, ",", 3, 2), "")
    same(table.concat({1, 2, 3}, 0), "10203")
    same(table.concat({[math.maxinteger] = "end"}, "x", math.maxinteger, math.maxinteger), "end")
    fails("invalid value (table) at index 1 in table for 'concat'", table.concat, {{}})
    fails("invalid value (nil) at index 3 in table for 'concat'", table.concat, {1, 2, nil, 4}, "", 1, 4)
    fails("invalid value (boolean) at index 2", table.concat, setmetatable({1, true}, {}))
    fails("string expected, got table", table.concat, {}, {})
    fails("number expected, got string", table.concat, {}, "", "x")
    local t, size = {}, 0
    local separator = string.rep("-", 64)
    for i = 1, 6000 do
      t[i] = "item" .. i
      size = size + #t[i] + 64
    end
    local all = table.concat(t, separator)
    same(#all, size - 64)
    same(string.sub(all, 1, 69), "item1" .. separator)
    same(string.sub(all, -8), "item6000")
    same(table.concat(setmetatable(t, {}), separator), all)
    t[5999] = false
    fails("invalid value (boolean) at index 5999", table.concat, t, separator)
    local long = string.rep("x", 300000)
    same(table.concat({long, "y", long}, long), long .. long .. "y" .. long .. long)
  )lua");
}

TEST(TableLibrary, Sorts) {
  expect_runs(R"lua(
    local function check(t, less)
      less = less or function(a, b) return a < b end
      for i = 2, #t do assert(not less(t[i], t[i - 1]), i) end
    end
    local seed = 1
    local function random(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed % n end
    for _, size in ipairs{0, 1, 2, 3, 10, 13, 100, 127, 128, 129, 700, 3000} do
      for _, range in ipairs{1, 3, 1000000} do
        local t, u, f, s = {}, {}, {}, {}
        for i = 1, size do
          t[i] = random(range) u[i] = t[i] f[i] = t[i] + 0.5 s[i] = "k" .. t[i]
        end
        table.sort(t) check(t) same(#t, size)
        table.sort(f) check(f)
        table.sort(s) check(s)
        if size <= 700 then
          table.sort(u, function(a, b) return a > b end)
          check(u, function(a, b) return a > b end)
          for i = 1, size do same(u[i], t[size + 1 - i]) end
        end
      end
    end
    -- Mixed numbers and objects with an order are for the prelude.
    local mixed = {3, 1.5, 2, 0.5}
    table.sort(mixed)
    same(list(table.unpack(mixed)), "0.5 1.5 2 3")
    local order = {__lt = function(a, b) return a.n < b.n end}
    local objects = {}
    for i = 1, 50 do objects[i] = setmetatable({n = random(100)}, order) end
    table.sort(objects)
    check(objects)
    fails("attempt to compare", table.sort, {1, "x"})
    fails("attempt to compare two table values", table.sort, {{}, {}})
    fails("function expected, got number", table.sort, {1, 2}, 5)
    table.sort({1}, 5)
    fails("attempt to compare", table.sort, {1, nil, 3, 4})
  )lua");
}

TEST(TableLibrary, SurvivesAnyComparator) {
  expect_runs(R"lua(
    local function always() return true end
    local t = {}
    for i = 1, 20 do t[i] = i end
    fails("invalid order function for sorting", table.sort, t, always)
    local nan = {}
    for i = 1, 200 do nan[i] = i % 3 == 0 and 0/0 or i end
    pcall(table.sort, nan)
    same(#nan, 200)
    local seed = 1
    for round = 1, 20 do
      local u = {}
      for i = 1, 60 do u[i] = i end
      local ok, message = pcall(table.sort, u, function()
        seed = (seed * 1103515245 + 12345) % 2147483648
        return seed // 65536 % 2 == 0
      end)
      if not ok then assert(string.find(message, "invalid order function", 1, true) or
                            string.find(message, "attempt to compare", 1, true), message) end
    end
    -- A comparator may change what is sorted.
    local w = {5, 4, 3, 2, 1}
    pcall(table.sort, w, function(a, b) w[3] = nil return (a or 0) < (b or 0) end)
    -- An error in the comparator arrives.
    fails("stop it", table.sort, {1, 2, 3}, function() error("stop it") end)
  )lua");
}

}  // namespace
}  // namespace moonlet::stdlib
