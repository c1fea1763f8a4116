-- What each mode keeps, and when it is read.
local function fill(mode)
  local t = setmetatable({}, {__mode = mode})
  local k, v = {}, {}
  t[k], t[1], t.s = "key is garbage", {}, "strings"
  t[2], t["other"], t[true] = 5, {}, {}
  t.kept_value, t[v] = v, v
  return t, v
end
local function content(t)
  local names = {}
  for k, v in pairs(t) do
    names[#names + 1] = (type(k) == "table" and "T" or tostring(k)) .. "=" ..
      (type(v) == "table" and "T" or tostring(v))
  end
  table.sort(names)
  return table.concat(names, " ")
end
for _, mode in ipairs {"k", "v", "kv", "", "other"} do
  local t, v = fill(mode)
  collectgarbage()
  print(mode .. ":", content(t))
  -- expect: k: 1=T 2=5 T=T kept_value=T other=T s=strings true=T
  -- expect: v: 2=5 T=T T=key is garbage kept_value=T s=strings
  -- expect: kv: 2=5 T=T kept_value=T s=strings
  -- expect: : 1=T 2=5 T=T T=key is garbage kept_value=T other=T s=strings true=T
  -- expect: other: 1=T 2=5 T=T T=key is garbage kept_value=T other=T s=strings true=T
end
-- A table becomes weak when its metatable says so at collection time.
local t = {{}, {}}
collectgarbage()
print(#t) -- expect: 2
setmetatable(t, {__mode = "v"})
collectgarbage()
print(#t) -- expect: 0
-- Functions and coroutines are objects; builtins and strings are not removed.
local w = setmetatable({}, {__mode = "v"})
w.builtin, w.string, w.number = print, ("x"):rep(60), 1.5
w.closure = (function() local u = {} return function() return u end end)()
w.thread = coroutine.create(function() end)
collectgarbage()
print(w.builtin == print, #w.string, w.number, w.closure, w.thread) -- expect: true 60 1.5 nil nil
