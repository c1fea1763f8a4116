-- A small stack machine in a table of functions, running a program with loops and calls.
local source = [[
  push 10 store n
  push 0 store sum
  label loop
  load n jumpzero done
  load sum load n add store sum
  load n push 1 sub store n
  jump loop
  label done
  load sum print
  push 5 call fact print halt
  label fact
  store k push 1 store acc
  label next
  load k jumpzero end
  load acc load k mul store acc
  load k push 1 sub store k
  jump next
  label end
  load acc return
]]
local program, labels = {}, {}
local takes = {}
for op in ("push store load jumpzero jump label call"):gmatch("%a+") do takes[op] = true end
local words = source:gmatch("%S+")
for op in words do
  local operand = takes[op] and words() or nil
  if op == "label" then labels[operand] = #program + 1
  else program[#program + 1] = {op, tonumber(operand) or operand} end
end
local function machine(output)
  local stack, vars, calls, pc, steps = {}, {}, {}, 1, 0
  local function push(v) stack[#stack + 1] = v end
  local function pop() return table.remove(stack) or error("stack is empty", 0) end
  local ops = {
    push = push,
    store = function(name) vars[name] = pop() end,
    load = function(name) push(vars[name]) end,
    add = function() push(pop() + pop()) end,
    sub = function() local b, a = pop(), pop() push(a - b) end,
    mul = function() push(pop() * pop()) end,
    jump = function(label) pc = labels[label] end,
    jumpzero = function(label) if pop() == 0 then pc = labels[label] end end,
    call = function(label) calls[#calls + 1] = pc pc = labels[label] end,
    ["return"] = function() pc = table.remove(calls) end,
    print = function() output(pop()) end,
    halt = function() pc = nil end,
  }
  return function()
    while pc do
      local instruction = program[pc]
      pc = pc + 1
      steps = steps + 1
      ops[instruction[1]](instruction[2])
    end
    return steps, #stack
  end
end
print(machine(print)())
-- expect: 55
-- expect: 120
-- expect: 184 0
-- The same machine in coroutines that take turns.
local results = {}
local function task() return coroutine.wrap(function() machine(coroutine.yield)() end) end
local one, two = task(), task()
for _ = 1, 2 do results[#results + 1] = one() results[#results + 1] = two() end
print(table.concat(results, " ")) -- expect: 55 55 120 120
