-- __close may yield, on normal exits and while an error is unwound.
local function closing(name)
  return setmetatable({}, {__close = function(_, err)
    coroutine.yield(name, "closing", err)
    coroutine.yield(name, "closed", err)
  end})
end

local co = coroutine.wrap(function()
  do
    local a <close> = closing("a")
    local b <close> = closing("b")
    coroutine.yield("body")
  end
  local ok, err = pcall(function()
    local c <close> = closing("c")
    local d <close> = closing("d")
    error("oops", 0)
  end)
  coroutine.yield(ok, err)
  return (function()
    local e <close> = closing("e")
    return "r1", "r2", "r3"
  end)()
end)

print(co()) -- expect: body
print(co()) -- expect: b closing nil
print(co()) -- expect: b closed nil
print(co()) -- expect: a closing nil
print(co()) -- expect: a closed nil
print(co()) -- expect: d closing oops
print(co()) -- expect: d closed oops
print(co()) -- expect: c closing oops
print(co()) -- expect: c closed oops
print(co()) -- expect: false oops
print(co()) -- expect: e closing nil
print(co()) -- expect: e closed nil
print(co()) -- expect: r1 r2 r3

-- In a loop, with break, and across a tail position.
local log = {}
local loop = coroutine.wrap(function()
  for i = 1, 3 do
    local v <close> = setmetatable({}, {__close = function() coroutine.yield("close " .. i) end})
    if i == 2 then break end
  end
  return "end"
end)
print(loop(), loop(), loop()) -- expect: close 1 close 2 end
