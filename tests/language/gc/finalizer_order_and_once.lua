-- Finalizers run in the reverse order of setting, once, with the object.
local log = {}
local mt = {__gc = function(o) log[#log + 1] = o.name end}
local function make(name) return setmetatable({name = name}, mt) end
-- All of them become garbage at one moment, whenever collections happen to run.
local function three() return {make("first"), make("second"), make("third")} end
local held = three()
held = nil
collectgarbage()
print(table.concat(log, " ")) -- expect: third second first
collectgarbage()
print(#log) -- expect: 3
-- The metatable counts at the moment of setmetatable: __gc added later is not seen.
log = {}
local late = {}
local function add_late()
  setmetatable({name = "unmarked"}, late)
  late.__gc = mt.__gc
  setmetatable({name = "marked"}, late)
end
add_late()
collectgarbage()
print(table.concat(log, " ")) -- expect: marked
-- But what is called is what is there when it runs.
log = {}
local changing = {__gc = true}
local function add_changing() return {setmetatable({name = "changed"}, changing)} end
held = add_changing()
changing.__gc = function(o) log[#log + 1] = o.name .. " later" end
held = nil
collectgarbage()
print(table.concat(log, " ")) -- expect: changed later
-- Objects that refer to each other: all are finalized, still whole.
log = {}
local function ring()
  local a, b = make("a"), make("b")
  a.other, b.other = b, a
  getmetatable(a).__gc = function(o) log[#log + 1] = o.name .. o.other.name end
end
ring()
collectgarbage()
print(table.concat(log, " ")) -- expect: ba ab
-- An error in a finalizer does not stop the others.
log = {}
local function failing()
  setmetatable({}, {__gc = function() error("lost") end})
  setmetatable({}, {__gc = function() log[#log + 1] = "still called" end})
  setmetatable({}, {__gc = "not a function"})
end
failing()
collectgarbage()
print(table.concat(log, " ")) -- expect: still called
