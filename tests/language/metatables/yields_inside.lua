-- A coroutine can yield inside every metamethod and goes on with its result.
local yield = coroutine.yield
local mt = {}
for _, event in ipairs {"add", "sub", "mul", "div", "mod", "pow", "idiv", "unm", "band", "bor",
                        "bxor", "shl", "shr", "bnot", "concat", "len", "index", "call"} do
  mt["__" .. event] = function() return yield(event) end
end
mt.__eq = function() return yield("eq") end
mt.__lt = function() return yield("lt") end
mt.__le = function() return yield("le") end
mt.__newindex = function(t, k, v) rawset(t, k, yield("newindex") .. v) end
local a, b = setmetatable({}, mt), setmetatable({}, mt)

local function run(body)
  local co = coroutine.create(body)
  local seen, value = {}, nil
  while true do
    local ok, result = coroutine.resume(co, value)
    assert(ok, result)
    if coroutine.status(co) == "dead" then
      return table.concat(seen, " ") .. " -> " .. tostring(result)
    end
    seen[#seen + 1] = result
    value = #seen
  end
end
print(run(function() return a + b end)) -- expect: add -> 1
print(run(function() return a - 1 end)) -- expect: sub -> 1
print(run(function() return 2 * a end)) -- expect: mul -> 1
print(run(function() return a / b + a % b end)) -- expect: div mod -> 3
print(run(function() return a ^ 2 // 1 end)) -- expect: pow -> 1
print(run(function() return -a end)) -- expect: unm -> 1
print(run(function() return (a & 1) + (2 | a) + (a ~ b) + (a << 1) + (1 >> a) + ~a end))
-- expect: band bor bxor shl shr bnot -> 21
print(run(function() return a .. b end)) -- expect: concat -> 1
print(run(function() return "x" .. a .. "y" .. "z" end)) -- expect: concat -> x1
print(run(function() return #a end)) -- expect: len -> 1
print(run(function() return a.field end)) -- expect: index -> 1
print(run(function() return a(1, 2) end)) -- expect: call -> 1
print(run(function() a.key = "v"; return rawget(a, "key") end)) -- expect: newindex -> 1v
print(run(function() return a == b end)) -- expect: eq -> true
print(run(function() return a ~= b end)) -- expect: eq -> false
print(run(function() return a < b end)) -- expect: lt -> true
print(run(function() return not (a > 1) end)) -- expect: lt -> false
print(run(function() if a <= b then return "yes" else return "no" end end)) -- expect: le -> yes
print(run(function() return ({a + 1, a.x, #b})[2] end)) -- expect: add index len -> 2
print(run(function() local x <const> = a + b; local y = x + a.z; return x + y end))
-- expect: add index -> 4
print(run(function() for i = 1, 2 do local _ = a + i end return a.done end))
-- expect: add add index -> 3
