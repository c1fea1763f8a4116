-- Keys of all kinds find their values again and again; equal numbers are one key.
local tab, fn, co = {}, function() end, coroutine.create(print)
local nested = setmetatable({}, {__eq = function() return true end})
local t = {}
local function fill()
  t[1] = "one"; t[2.0] = "two"; t[-1] = "minus one"; t[0] = "zero"
  t[1.5] = "one and a half"; t[2^53] = "2^53"; t[-2^53] = "-2^53"; t[1e300] = "1e300"
  t[math.huge] = "inf"; t[-math.huge] = "-inf"
  t[math.maxinteger] = "max"; t[math.mininteger] = "min"
  t["1"] = "string one"; t[""] = "empty"; t["a\0b"] = "with zero"; t[("k"):rep(100)] = "long"
  t[true] = "true"; t[false] = "false"
  t[tab] = "table"; t[fn] = "function"; t[co] = "thread"; t[print] = "builtin"; t[nested] = "nested"
end
local function check(yes)
  local ok = t[1.0] == "one" and t[2] == "two" and t[-1.0] == "minus one" and t[-0.0] == "zero"
    and t[3 / 2] == "one and a half" and t[9007199254740992] == "2^53"
    and t[-9007199254740992] == "-2^53" and t[1e300] == "1e300" and t[1 / 0] == "inf"
    and t[-1 / 0] == "-inf" and t[9223372036854775807] == "max" and t[-2^63] == "min"
    and t["" .. 1] == "string one" and t[""] == "empty" and t["a" .. "\0b"] == "with zero"
    and t[("kk"):rep(50)] == "long" and t[yes] == "true" and t[not yes] == "false"
    and t[tab] == "table" and t[fn] == "function" and t[co] == "thread" and t[_G.print] == "builtin"
    and t[nested] == "nested"
  return ok
end
fill()
print(check(true)) -- expect: true
local n = 0
for k, v in pairs(t) do
  assert(rawequal(t[k], v))
  n = n + 1
end
print(n, t[{}], t[setmetatable({}, getmetatable(nested))], t[0/0], t[nil], t[2^53 + 2])
-- expect: 23 nil nil nil nil nil
print(math.type(next({[3.0] = 1})), math.type(next({[3.5] = 1})), math.type(next({[2^53] = 1})))
-- expect: integer float integer
-- Removing and adding in another order.
for _, k in ipairs {1, true, tab, "1", 1.5, math.huge} do t[k] = nil end
print(t[1], t["1"], t[true], t[false], t[tab], t[fn]) -- expect: nil nil nil false nil function
fill()
print(check(true)) -- expect: true
n = 0
for _ in pairs(t) do n = n + 1 end
print(n) -- expect: 23
