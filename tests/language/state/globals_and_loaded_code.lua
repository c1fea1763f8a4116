-- Globals, chunks made at run time, and functions found only in them.
counter = 0
function bump(n) counter = counter + (n or 1) return counter end
bump() bump(5)
print(counter) -- expect: 6
local env = setmetatable({}, {__index = _G})
local chunk = load([[
  local hidden = 0
  function visible() hidden = hidden + 1; return hidden, counter end
  return function(n) hidden = hidden + n; return hidden end
]], "=made", "t", env)
local add = chunk()
print(env.visible(), add(10), env.visible()) -- expect: 1 11 12 6
print(rawget(_G, "visible"), bump == env.bump) -- expect: nil true
-- Many chunks, each with its own constants and upvalues.
local fs = {}
for i = 1, 10 do
  fs[i] = load("local n = " .. i .. " return function() n = n + 0.5 return n, 'c" .. i .. "' end")()
end
print(fs[1]()) -- expect: 1.5 c1
print(fs[10](), fs[10]()) -- expect: 10.5 11.0 c10
-- A chunk dumped and loaded again has no upvalues in common with the first.
local dumped = string.dump(fs[3])
local again = load(dumped, "again", "b")
debug.setupvalue(again, 1, 100)
print(again()) -- expect: 100.5 c3
print(fs[3]()) -- expect: 3.5 c3
-- Code that makes code.
local generator = load("return load('return load(\"return ...\")')")
print(generator()()("through three loads")) -- expect: through three loads
counter, bump = nil, nil
print(counter, bump) -- expect: nil nil
