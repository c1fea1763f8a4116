-- __pairs gives the three values of the loop; ipairs and next know nothing of it.
local t = setmetatable({1, 2, 3}, {__pairs = function(self)
  local keys = {"x", "y"}
  local i = 0
  return function(state, control)
    i = i + 1
    if keys[i] then return keys[i], state.tag .. i end
  end, {tag = "s"}, nil
end})
for k, v in pairs(t) do print(k, v) end
-- expect: x s1
-- expect: y s2
for i, v in ipairs(t) do io.write(i, "=", v, " ") end
print(next(t)) -- expect: 1=1 2=2 3=3 1 1
local raw = setmetatable({}, {__pairs = function(self) return 1, 2, 3, 4 end})
print(pairs(raw)) -- expect: 1 2 3
print(select("#", pairs(raw))) -- expect: 3
print(select(2, pcall(pairs))) -- expect: bad argument #1 to 'pairs' (value expected)
print(pairs({}) == next) -- expect: true
-- ipairs reads through __index and stops at the first nil.
local proxy = setmetatable({}, {__index = function(_, i) if i <= 3 then return i * i end end})
for i, v in ipairs(proxy) do io.write(i, "=", v, " ") end
print(#proxy) -- expect: 1=1 2=4 3=9 0
local holes = {1, 2, nil, 4}
local count = 0
for _ in ipairs(holes) do count = count + 1 end
print(count) -- expect: 2
print(select(2, pcall(ipairs))) -- expect: bad argument #1 to 'ipairs' (value expected)
local f, s, c = ipairs(holes)
print(type(f), s == holes, c) -- expect: function true 0
-- A __pairs that yields.
local co = coroutine.wrap(function()
  local p = setmetatable({}, {__pairs = function(self)
    coroutine.yield("in pairs")
    return function(_, k)
      coroutine.yield("in iterator")
      if not k then return 1 end
    end, self
  end})
  for k in pairs(p) do coroutine.yield("body " .. k) end
  return "end"
end)
for _ = 1, 5 do io.write(co(), "; ") end
print() -- expect: in pairs; in iterator; body 1; in iterator; end;
