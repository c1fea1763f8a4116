-- A virtual machine in Lua: an assembler, an interpreter with a table of operations, another one
-- with a chain of comparisons, and programs for them.
--
-- group: programs
-- small: 2

local size = tonumber((...)) or 60

-- Instructions are one array: the operation's number, then its operand if it has one.
local operations = {
  "push", "pop", "duplicate", "swap", "over", "add", "subtract", "multiply", "modulo", "less", "equal", "load",
  "store", "load_at", "store_at", "jump", "jump_if_zero", "call", "return", "print", "halt",
}
local number_of, has_operand = {}, {}
for number, name in ipairs(operations) do
  number_of[name] = number
end
for _, name in ipairs({"push", "load", "store", "jump", "jump_if_zero", "call"}) do
  has_operand[name] = true
end

-- A line is "label:" or "operation operand"; operands are numbers or labels.
local function assemble(source)
  local code, labels, open = {}, {}, {}
  for line in source:gmatch("[^\n]+") do
    line = line:gsub(";.*", "")
    local label = line:match("^%s*([%w_]+):%s*$")
    local name, operand = line:match("^%s*([%a_]+)%s*([%w_-]*)%s*$")
    if label then
      labels[label] = #code + 1
    elseif name then
      code[#code + 1] = number_of[name] or error("unknown operation " .. name)
      if has_operand[name] then
        local value = tonumber(operand)
        code[#code + 1] = value or 0
        if not value then
          open[#code] = operand
        end
      end
    end
  end
  for position, label in pairs(open) do
    code[position] = labels[label] or error("no label " .. label)
  end
  return code
end

local Machine = {}
Machine.__index = Machine

function Machine.new(code)
  return setmetatable({code = code, pc = 1, stack = {}, top = 0, calls = {}, memory = {}, output = {}, steps = 0},
                      Machine)
end

function Machine:push(value)
  local top = self.top + 1
  self.stack[top] = value
  self.top = top
end

function Machine:pop()
  local top = self.top
  self.top = top - 1
  return self.stack[top]
end

function Machine:operand()
  local value = self.code[self.pc]
  self.pc = self.pc + 1
  return value
end

local actions = {}

local function binary(name, f)
  actions[number_of[name]] = function(m)
    local b, a = m:pop(), m:pop()
    m:push(f(a, b))
  end
end

binary("add", function(a, b) return a + b end)
binary("subtract", function(a, b) return a - b end)
binary("multiply", function(a, b) return a * b end)
binary("modulo", function(a, b) return a % b end)
binary("less", function(a, b) return a < b and 1 or 0 end)
binary("equal", function(a, b) return a == b and 1 or 0 end)

local function define(name, f)
  actions[number_of[name]] = f
end

define("push", function(m) m:push(m:operand()) end)
define("pop", function(m) m:pop() end)
define("duplicate", function(m) m:push(m.stack[m.top]) end)
define("over", function(m) m:push(m.stack[m.top - 1]) end)
define("load", function(m) m:push(m.memory[m:operand()] or 0) end)
define("store", function(m) m.memory[m:operand()] = m:pop() end)
define("load_at", function(m) m:push(m.memory[m:pop()] or 0) end)
define("jump", function(m) m.pc = m:operand() end)
define("print", function(m) table.insert(m.output, m:pop()) end)
define("halt", function() return true end)

define("swap", function(m)
  local b, a = m:pop(), m:pop()
  m:push(b)
  m:push(a)
end)

define("store_at", function(m)
  local address, value = m:pop(), m:pop()
  m.memory[address] = value
end)

define("jump_if_zero", function(m)
  local target = m:operand()
  if m:pop() == 0 then
    m.pc = target
  end
end)

define("call", function(m)
  local target = m:operand()
  table.insert(m.calls, m.pc)
  m.pc = target
end)

define("return", function(m)
  m.pc = table.remove(m.calls)
end)

function Machine:run()
  local code = self.code
  local steps = 0
  repeat
    local operation = code[self.pc]
    self.pc = self.pc + 1
    steps = steps + 1
  until actions[operation](self)
  self.steps = steps
  return self.output
end

-- The same in one function, with everything in local variables.
local push, pop, duplicate, swap, over = 1, 2, 3, 4, 5
local add, subtract, multiply, modulo, less, equal = 6, 7, 8, 9, 10, 11
local load_, store, load_at, store_at, jump, jump_if_zero = 12, 13, 14, 15, 16, 17
local call, return_, print_, halt = 18, 19, 20, 21

local function run_in_loop(code)
  local stack, top, calls, depth, memory, output = {}, 0, {}, 0, {}, {}
  local pc, steps = 1, 0
  while true do
    local operation = code[pc]
    pc = pc + 1
    steps = steps + 1
    if operation == push then
      top = top + 1
      stack[top] = code[pc]
      pc = pc + 1
    elseif operation == load_ then
      top = top + 1
      stack[top] = memory[code[pc]] or 0
      pc = pc + 1
    elseif operation == store then
      memory[code[pc]] = stack[top]
      top = top - 1
      pc = pc + 1
    elseif operation == jump_if_zero then
      if stack[top] == 0 then
        pc = code[pc]
      else
        pc = pc + 1
      end
      top = top - 1
    elseif operation == jump then
      pc = code[pc]
    elseif operation >= add and operation <= equal then
      local a, b = stack[top - 1], stack[top]
      top = top - 1
      if operation == add then
        stack[top] = a + b
      elseif operation == subtract then
        stack[top] = a - b
      elseif operation == multiply then
        stack[top] = a * b
      elseif operation == modulo then
        stack[top] = a % b
      elseif operation == less then
        stack[top] = a < b and 1 or 0
      else
        stack[top] = a == b and 1 or 0
      end
    elseif operation == load_at then
      stack[top] = memory[stack[top]] or 0
    elseif operation == store_at then
      memory[stack[top]] = stack[top - 1]
      top = top - 2
    elseif operation == call then
      depth = depth + 1
      calls[depth] = pc + 1
      pc = code[pc]
    elseif operation == return_ then
      pc = calls[depth]
      depth = depth - 1
    elseif operation == duplicate then
      top = top + 1
      stack[top] = stack[top - 1]
    elseif operation == swap then
      stack[top], stack[top - 1] = stack[top - 1], stack[top]
    elseif operation == over then
      top = top + 1
      stack[top] = stack[top - 2]
    elseif operation == pop then
      top = top - 1
    elseif operation == print_ then
      output[#output + 1] = stack[top]
      top = top - 1
    elseif operation == halt then
      return output, steps
    end
  end
end

local fibonacci = [[
    push 15
    call fibonacci
    print
    halt
  fibonacci:          ; replaces n by its Fibonacci number
    duplicate
    push 2
    less
    jump_if_zero inner
    return
  inner:
    duplicate
    push 1
    subtract
    call fibonacci
    swap
    push 2
    subtract
    call fibonacci
    add
    return
]]

local primes = [[
    push 2
    store 1           ; the candidate
  next:
    load 1
    push 300
    less
    jump_if_zero end
    push 2
    store 2           ; the divisor
  try:
    load 2
    duplicate
    multiply
    load 1
    swap
    less
    jump_if_zero divide
    load 1
    print
    jump advance
  divide:
    load 1
    load 2
    modulo
    jump_if_zero advance
    load 2
    push 1
    add
    store 2
    jump try
  advance:
    load 1
    push 1
    add
    store 1
    jump next
  end:
    halt
]]

local squares = [[
    push 0
    store 0
  fill:
    load 0
    duplicate
    multiply
    load 0
    push 1000
    add
    store_at
    load 0
    push 1
    add
    duplicate
    store 0
    push 200
    equal
    jump_if_zero fill
    push 0
    push 0            ; the sum and the index
  sum:
    duplicate
    push 1000
    add
    load_at
    swap
    push 1
    add
    store 0
    add
    load 0
    duplicate
    push 200
    less
    jump_if_zero end
    jump sum
  end:
    pop
    print
    halt
]]

for _ = 1, size do
  for _, source in ipairs({fibonacci, primes, squares}) do
    local code = assemble(source)
    local machine = Machine.new(code)
    local output = machine:run()
    local other, steps = run_in_loop(code)
    assert(table.concat(output, " ") == table.concat(other, " ") and steps == machine.steps, "same")
    if source == fibonacci then
      assert(output[1] == 610, "fibonacci")
    elseif source == primes then
      assert(#output == 62 and output[1] == 2 and output[62] == 293, "primes")
    else
      assert(output[1] == 199 * 200 * 399 / 6, "squares")
    end
  end
end
