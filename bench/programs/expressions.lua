-- Expression trees: each kind of node is a class that can evaluate, differentiate, simplify and
-- print itself, so that every call site meets many classes.
--
-- group: methods
-- small: 100

local size = tonumber((...)) or 4000

local function class()
  local methods = {}
  methods.__index = methods
  return methods
end

local Constant, Variable, Sum, Product, Power, Sine, Cosine =
  class(), class(), class(), class(), class(), class(), class()

local function constant(value)
  return setmetatable({value = value}, Constant)
end

local function variable(name)
  return setmetatable({name = name}, Variable)
end

local function sum(a, b)
  return setmetatable({a = a, b = b}, Sum)
end

local function product(a, b)
  return setmetatable({a = a, b = b}, Product)
end

local function power(base, exponent)
  return setmetatable({base = base, exponent = exponent}, Power)
end

local function sine(argument)
  return setmetatable({argument = argument}, Sine)
end

local function cosine(argument)
  return setmetatable({argument = argument}, Cosine)
end

local zero, one = constant(0), constant(1)

function Constant:evaluate() return self.value end
function Constant:derive() return zero end
function Constant:simplify() return self end
function Constant:is_constant(value) return self.value == value end
function Constant:text() return string.format("%g", self.value) end
function Constant:count() return 1 end

function Variable:evaluate(bindings) return bindings[self.name] end
function Variable:derive(name) return name == self.name and one or zero end
function Variable:simplify() return self end
function Variable:is_constant() return false end
function Variable:text() return self.name end
function Variable:count() return 1 end

function Sum:evaluate(bindings) return self.a:evaluate(bindings) + self.b:evaluate(bindings) end
function Sum:derive(name) return sum(self.a:derive(name), self.b:derive(name)) end
function Sum:is_constant() return false end
function Sum:text() return "(" .. self.a:text() .. " + " .. self.b:text() .. ")" end
function Sum:count() return self.a:count() + self.b:count() + 1 end

function Sum:simplify()
  local a, b = self.a:simplify(), self.b:simplify()
  if a:is_constant(0) then return b end
  if b:is_constant(0) then return a end
  if a.value and b.value then return constant(a.value + b.value) end
  return sum(a, b)
end

function Product:evaluate(bindings) return self.a:evaluate(bindings) * self.b:evaluate(bindings) end
function Product:is_constant() return false end
function Product:text() return self.a:text() .. "*" .. self.b:text() end
function Product:count() return self.a:count() + self.b:count() + 1 end

function Product:derive(name)
  return sum(product(self.a:derive(name), self.b), product(self.a, self.b:derive(name)))
end

function Product:simplify()
  local a, b = self.a:simplify(), self.b:simplify()
  if a:is_constant(0) or b:is_constant(0) then return zero end
  if a:is_constant(1) then return b end
  if b:is_constant(1) then return a end
  if a.value and b.value then return constant(a.value * b.value) end
  return product(a, b)
end

function Power:evaluate(bindings) return self.base:evaluate(bindings) ^ self.exponent end
function Power:is_constant() return false end
function Power:text() return self.base:text() .. "^" .. self.exponent end
function Power:count() return self.base:count() + 1 end

function Power:derive(name)
  local outer = product(constant(self.exponent), power(self.base, self.exponent - 1))
  return product(outer, self.base:derive(name))
end

function Power:simplify()
  local base = self.base:simplify()
  if self.exponent == 0 then return one end
  if self.exponent == 1 then return base end
  return power(base, self.exponent)
end

function Sine:evaluate(bindings) return math.sin(self.argument:evaluate(bindings)) end
function Sine:derive(name) return product(cosine(self.argument), self.argument:derive(name)) end
function Sine:simplify() return sine(self.argument:simplify()) end
function Sine:is_constant() return false end
function Sine:text() return "sin(" .. self.argument:text() .. ")" end
function Sine:count() return self.argument:count() + 1 end

function Cosine:evaluate(bindings) return math.cos(self.argument:evaluate(bindings)) end
function Cosine:simplify() return cosine(self.argument:simplify()) end
function Cosine:is_constant() return false end
function Cosine:text() return "cos(" .. self.argument:text() .. ")" end
function Cosine:count() return self.argument:count() + 1 end

function Cosine:derive(name)
  return product(product(constant(-1), sine(self.argument)), self.argument:derive(name))
end

local x, y = variable("x"), variable("y")
local expression = sum(
  product(power(x, 3), sine(product(constant(2), x))),
  product(sum(product(x, y), constant(1)), cosine(sum(x, power(y, 2)))))

local function slope(f, bindings, step)
  local left = f:evaluate({x = bindings.x - step, y = bindings.y})
  local right = f:evaluate({x = bindings.x + step, y = bindings.y})
  return (right - left) / (2 * step)
end

for i = 1, size do
  local point = {x = i / size, y = 0.5}
  local raw = expression:derive("x")
  local first = raw:simplify()
  assert(first:count() < raw:count(), "simplification")
  assert(math.abs(first:evaluate(point) - raw:evaluate(point)) < 1e-9, "same value")
  assert(math.abs(first:evaluate(point) - slope(expression, point, 1e-5)) < 1e-6, "derivative")
  local mixed = first:derive("y"):simplify()
  local other = expression:derive("y"):simplify():derive("x"):simplify()
  assert(math.abs(mixed:evaluate(point) - other:evaluate(point)) < 1e-9, "order of derivation")
end
assert(power(x, 2):derive("x"):simplify():text() == "2*x", "text")
