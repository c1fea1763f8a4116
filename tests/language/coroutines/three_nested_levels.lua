-- Resumes and wraps inside each other, all suspended at once in the middle of expressions.
local trace = {}
local function note(s) trace[#trace + 1] = s end
local level1 = coroutine.wrap(function(a)
  local level2 = coroutine.create(function(b)
    local level3 = coroutine.wrap(function(c)
      local t = {c, coroutine.yield(c + 1), coroutine.yield(c + 2)}
      note("3:" .. #t)
      return "r3"
    end)
    local x = level3(b * 10) + coroutine.yield("mid2") + level3("p")
    note("2:" .. x)
    local last = level3("q")
    note("2:" .. last)
    return "r2", x
  end)
  local _, m = coroutine.resume(level2, a * 10)
  local y = m .. coroutine.yield("mid1")
  local _, r, x = coroutine.resume(level2, 1000)
  note("1:" .. y)
  return r, x, coroutine.status(level2)
end)
print(level1(1)) -- expect: mid1
print(level1("-joined")) -- expect: r2 1203 dead
print(table.concat(trace, " ")) -- expect: 2:1203 3:3 2:r3 1:mid2-joined

-- A chain of coroutines that hand a token down and up again.
local function link(n)
  return coroutine.wrap(function(token)
    local next_link = n > 1 and link(n - 1)
    while true do
      token = token .. "d" .. n
      if next_link then token = next_link(token) end
      token = coroutine.yield(token .. "u" .. n)
    end
  end)
end
local chain = link(4)
print(chain("<")) -- expect: <d4d3d2d1u1u2u3u4
print(chain(">")) -- expect: >d4d3d2d1u1u2u3u4
