-- A yield passes through pcall and xpcall; errors after it are still caught.
local co = coroutine.wrap(function()
  local ok, a = pcall(function()
    local got = coroutine.yield("one")
    return got .. "!"
  end)
  print(ok, a)
  print(pcall(function()
    local got = coroutine.yield("two")
    error("caught " .. got, 0)
  end))
  print(xpcall(function()
    local got = coroutine.yield("three")
    error(got)
  end, function(m) return "handled " .. m.v end))
  -- Nested: the inner one is caught inside, the outer goes on.
  print(pcall(function()
    local ok, e = pcall(function()
      coroutine.yield("four")
      error("inner", 0)
    end)
    coroutine.yield(e)
    local ok2, e2 = pcall(pcall, error, "direct", 0)
    coroutine.yield(tostring(e2))
    error("outer", 0)
  end))
  -- pcall of yield itself.
  print(pcall(coroutine.yield, "five"))
  print(select("#", pcall(coroutine.yield, "six")))
  return "end"
end)
print(co()) -- expect: one
print(co("a"))
-- expect: true a!
-- expect: two
print(co("b"))
-- expect: false caught b
-- expect: three
print(co({v = "c"}))
-- expect: false handled c
-- expect: four
print(co()) -- expect: inner
print(co()) -- expect: false
print(co())
-- expect: false outer
-- expect: five
print(co("x", "y"))
-- expect: true x y
-- expect: six
print(co())
-- expect: 1
-- expect: end
