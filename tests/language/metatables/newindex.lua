-- __newindex sees assignments to absent keys; rawset and present keys pass it by.
local log = {}
local t = setmetatable({present = 1}, {__newindex = function(t, k, v)
  log[#log + 1] = tostring(k) .. "=" .. tostring(v)
end})
t.present = 2
t.absent = 3
t[1] = "one"
t.gone = nil
rawset(t, "raw", 4)
t.raw = 5
print(table.concat(log, " "), t.present, t.absent, t.raw, t[1])
-- expect: absent=3 1=one gone=nil 2 nil 5 nil
t.present = nil
t.present = 6
print(log[#log], t.present) -- expect: present=6 nil

-- A table as target, chains of them, and a function at the end.
local store = {}
local u = setmetatable({}, {__newindex = store})
u.a = 1
print(rawget(u, "a"), store.a) -- expect: nil 1
local v = setmetatable({}, {__newindex = u})
v.b = 2
print(store.b, rawget(u, "b"), rawget(v, "b")) -- expect: 2 nil nil
setmetatable(store, {__newindex = function(s, k, val) rawset(s, k, val * 10) end})
v.c = 3
print(store.c) -- expect: 30
v.a = 7
print(store.a) -- expect: 7

-- Compound tables through functions and constructors: constructors are raw.
local made = setmetatable({x = 1}, {__newindex = error})
print(made.x) -- expect: 1
-- Inherited reads, own writes.
local defaults = {color = "red"}
local w = setmetatable({}, {__index = defaults})
w.color = w.color .. "ish"
print(w.color, defaults.color) -- expect: redish red
local function message(f) return select(2, pcall(f)):match(": (.*)") end
local loop = {}
setmetatable(loop, {__newindex = loop})
print(message(function() loop.x = 1 end)) -- expect: '__newindex' chain too long; possible loop
print(message(function() local s = "str"; s.x = 1 end))
-- expect: attempt to index a string value (local 's')
-- Table functions honour it as well.
local list = setmetatable({}, {__newindex = function(l, k, val) rawset(l, k, val .. "*") end})
table.insert(list, "i")
print(list[1], #list) -- expect: i* 1
print(pcall(function() t[nil] = 1 end)) -- expect: true
print(log[#log]) -- expect: nil=1
