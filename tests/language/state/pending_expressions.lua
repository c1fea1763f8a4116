-- Stops in the middle of expressions: assignments, concatenations, constructors, arguments.
local function slow(v) local n = 0 for i = 1, 3 do n = n + i end return v end
local t = {}
local i = 1
i, t[i], t[slow(2)], t.x = slow(5), slow("a"), slow("b"), slow("c")
print(i, t[1], t[2], t.x) -- expect: 5 a b c
local a, b, c = slow(1), slow(2)
a, b, c = slow(b), slow(a), slow(a) + slow(b)
print(a, b, c) -- expect: 2 1 3

-- Seven operands, two of them with a metamethod that works for a while.
local mt = {}
local function text(v) return type(v) == "table" and v.name or tostring(v) end
mt.__concat = function(l, r)
  for _ = 1, 3 do slow(0) end
  return setmetatable({name = table.concat {"(", text(l), "+", text(r), ")"}}, mt)
end
local m, n = setmetatable({name = "m"}, mt), setmetatable({name = "n"}, mt)
local stack_room = select("#", table.unpack({}, 1, 60))
local joined = "a" .. 1 .. m .. "b" .. n .. 2.5 .. "c"
print(joined.name, stack_room) -- expect: (a+(1+(m+(b+(n+2.5c))))) 60
print(("x" .. slow("y") .. slow(1) .. "z") .. slow("!")) -- expect: xy1z!

-- Arithmetic with partial results in registers, calls with partial argument lists.
print(slow(1) + slow(2) * slow(3) - slow(4) / slow(2), slow(2) ^ slow(3) // slow(3))
-- expect: 5.0 2.0
print(math.max(slow(1), slow(9), slow(3)), select("#", slow(1), slow(nil), slow(3))) -- expect: 9 3
local function args(...) return table.concat({...}, ",") end
print(args(slow("p"), args(slow("q"), slow("r")), slow("s"))) -- expect: p,q,r,s
local cons = {slow(1), slow(2), k = slow("v"), [slow("w")] = slow("u"), {slow("deep")}, args(7)}
print(#cons, cons.k, cons.w, cons[3][1], cons[4]) -- expect: 4 v u deep 7
print(slow(nil) or slow(false) or slow("last"), slow(1) and slow(2) and slow(3)) -- expect: last 3
print(slow(1) < slow(2), slow("a") <= slow("a"), slow(1) == slow(1.0), not slow(nil))
-- expect: true true true true
print((slow(t))[slow("x")], slow(t).x, #slow("four"), -slow(4), ~slow(0)) -- expect: c c 4 -4 -1
-- Comparison chains through metamethods that work for a while.
local cmp = setmetatable({}, {
  __lt = function() slow(0) return true end,
  __le = function() slow(0) return false end,
  __eq = function() slow(0) return true end,
  __index = function(_, k) slow(0) return k .. k end,
  __call = function(_, ...) slow(0) return ..., "called" end,
})
print(cmp < 1, cmp <= 1, 1 > cmp, cmp == setmetatable({}, getmetatable(cmp)), cmp.ab, cmp(1, 2))
-- expect: true false true true abab 1 called
