-- Every place from which a script can be called while something else waits for the result. Each
-- function hangs in such a place, in one of two ways: waiting for the host's answer, or in a loop that
-- goes on until the host says that it is enough. What it returns stands in hung_test.cpp.

local mode

-- Ten times the number, in the end.
local function hang(number)
  if mode == "invoke" then return sys.invoke("ten_times", number) end
  local rounds = 0
  repeat rounds = rounds + 1 until told()
  assert(rounds > 100, "it did not hang")
  return number * 10
end

local places = {}

function places.index()
  local t = setmetatable({}, {__index = function(_, key) return hang(key) end})
  return t[1] + t[2] * t[3]
end

function places.newindex()
  local t = setmetatable({}, {__newindex = function(t, key, value) rawset(t, key, hang(value)) end})
  t.x, t.y = 1, 2
  return {t.x, t.y}
end

function places.order()
  local meta = {}
  meta.__lt = function(a, b) return hang(a[1]) < hang(b[1]) end
  meta.__le = function(a, b) return hang(a[1]) <= hang(b[1]) end
  meta.__eq = function(a, b) return hang(a[1]) == hang(b[1]) end
  local a, b = setmetatable({1}, meta), setmetatable({2}, meta)
  local words = {}
  if a < b then words[#words + 1] = "lt" end
  if not (a > b) then words[#words + 1] = "not gt" end
  while b <= a do words[#words + 1] = "le" break end
  return {words, a == b, a ~= b}
end

function places.concat()
  local c = setmetatable({}, {
    __concat = function(left, right)
      if type(left) == "table" then return hang(7) .. "<" .. right end
      return left .. ">" .. hang(8)
    end,
  })
  return {"a" .. "b" .. 1 .. c .. "d" .. 2.5 .. "e", "x" .. c .. c}
end

function places.arithmetic()
  local n = setmetatable({}, {
    __add = function(_, other) return hang(other) end,
    __unm = function() return hang(3) end,
    __len = function() return hang(4) end,
    __call = function(_, ...) return hang(5), ... end,
  })
  local a, b = n(6)
  return {(n + 1) + (n + 2), -n, #n, a, b}
end

function places.gc()
  local seen = {}
  local order = 0
  for i = 1, 2 do
    setmetatable({}, {__gc = function() order = order + 1 seen[order] = hang(i) end})
  end
  collectgarbage()
  local waited = 0
  while order < 2 or not seen[2] do waited = waited + 1 end
  return seen
end

function places.close()
  local log = {}
  local function closing(name)
    return setmetatable({}, {
      __close = function(_, problem)
        log[#log + 1] = name .. tostring(problem) .. hang(1)
      end,
    })
  end
  local function leave()
    local a <close> = closing("a")
    local b <close> = closing("b")
    return "left", hang(2)
  end
  local word, value = leave()
  local ok, message = pcall(function()
    local c <close> = closing("c")
    error("oh", 0)
  end)
  for _ in function(_, last) if not last then return true end end, nil, nil, closing("d") do end
  goto out
  ::out::
  return {word, value, ok, message, log}
end

function places.hook()
  local seen = {}
  local function work(x)
    local y = x + 1
    return y
  end
  debug.sethook(function(event)
    debug.sethook()
    seen[#seen + 1] = event .. " " .. hang(1)
  end, "c")
  local first = work(1)
  debug.sethook(function(event)
    debug.sethook()
    seen[#seen + 1] = event .. " " .. hang(2)
  end, "r")
  local second = work(2)
  debug.sethook(function(event)
    debug.sethook()
    seen[#seen + 1] = event .. " " .. hang(3)
  end, "l")
  local third = work(3)
  debug.sethook(function(event)
    debug.sethook()
    seen[#seen + 1] = event .. " " .. hang(4)
  end, "", 2)
  return {first, second, third, work(4), seen}
end

function places.sort()
  local list = {4, 1, 3, 2}
  table.sort(list, function(a, b) return hang(a) < hang(b) end)
  return list
end

function places.gsub()
  local text, count = string.gsub("a1 b2", "%d", function(digit) return "[" .. hang(tonumber(digit)) .. "]" end)
  local by_table = string.gsub("x", "x", setmetatable({}, {__index = function() return hang(9) end}))
  return {text, count, by_table}
end

function places.iterator()
  local out = {}
  for i, value in function(limit, i) if i < limit then return i + 1, hang(i) end end, 3, 0 do
    out[i] = value
  end
  for word in coroutine.wrap(function() coroutine.yield("w" .. hang(5)) end) do out[#out + 1] = word end
  for key, value in pairs(setmetatable({}, {__pairs = function() return next, {k = hang(6)} end})) do
    out[#out + 1] = key .. value
  end
  return out
end

function places.pcall_in_coroutine_in_wrap()
  local wrapped = coroutine.wrap(function(...)
    local inner = coroutine.create(function(n)
      local ok, value = pcall(function() return hang(n) + 1 end)
      local failed, message = pcall(function() error({hang(n + 1)}) end)
      local got = coroutine.yield(value)
      return ok, value, failed, message[1], got
    end)
    local _, value = coroutine.resume(inner, ...)
    local more = coroutine.yield(value)
    return select(2, coroutine.resume(inner, more))
  end)
  return {wrapped(1), wrapped("more")}
end

function places.handlers()
  local function handler(message) return message .. " handled " .. hang(1) end
  local ok, message = xpcall(function() error("one", 0) end, handler)
  local again, other = xpcall(function() return nil + 1 end, function() return hang(2) end)
  return {ok, message, again, other}
end

function places.others()
  local shown = tostring(setmetatable({}, {__tostring = function() return "shown " .. hang(1) end}))
  local n = 0
  local loaded = load(function()
    n = n + 1
    if n == 1 then return "return " end
    if n == 2 then return tostring(hang(2)) end
  end)
  local formatted = string.format("%s|%5d", setmetatable({}, {__tostring = function() return hang(3) .. "" end}), 4)
  local co = coroutine.create(function()
    local held <close> = setmetatable({}, {__close = function() n = hang(4) end})
    coroutine.yield()
  end)
  coroutine.resume(co)
  local closed = coroutine.close(co)
  local proxy = setmetatable({}, {__len = function() return 2 end, __index = function(_, i) return "p" .. hang(i) end})
  return {shown, loaded(), formatted, closed, n, table.concat(proxy, ","), {table.unpack(proxy)}}
end

local handlers = {}
for name, place in pairs(places) do
  handlers[name] = function(how)
    mode = how
    return place()
  end
end
return handlers
