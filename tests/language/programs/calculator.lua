-- A tokenizer with gmatch and a precedence climber with closures as the compiled form.
local precedence = {["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["%"] = 2, ["^"] = 3}
local apply = {
  ["+"] = function(a, b) return a + b end, ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b) return a * b end, ["/"] = function(a, b) return a / b end,
  ["%"] = function(a, b) return a % b end, ["^"] = function(a, b) return a ^ b end,
}
local function tokens(text)
  return coroutine.wrap(function()
    for space, number, name, symbol in text:gmatch("(%s*)([%d%.]*)(%a*)([^%s%w]?)") do
      if number ~= "" then coroutine.yield("number", tonumber(number)) end
      if name ~= "" then coroutine.yield("name", name) end
      if symbol ~= "" then coroutine.yield("symbol", symbol) end
    end
    while true do coroutine.yield("end") end
  end)
end
local function compile(text)
  local next_token = tokens(text)
  local kind, value = next_token()
  local function advance() kind, value = next_token() end
  local expression
  local function primary()
    if kind == "number" then
      local n = value
      advance()
      return function() return n end
    elseif kind == "name" then
      local name = value
      advance()
      return function(env) return env[name] or error("unknown name " .. name, 0) end
    elseif value == "(" then
      advance()
      local inner = expression(1)
      if value ~= ")" then error("missing )", 0) end
      advance()
      return inner
    elseif value == "-" then
      advance()
      local operand = expression(3)
      return function(env) return -operand(env) end
    end
    error("unexpected " .. tostring(value or kind), 0)
  end
  function expression(level)
    local left = primary()
    while kind == "symbol" and precedence[value] and precedence[value] >= level do
      local operator = value
      advance()
      local right = expression(precedence[operator] + (operator == "^" and 0 or 1))
      local l, f = left, apply[operator]
      left = function(env) return f(l(env), right(env)) end
    end
    return left
  end
  local result = expression(1)
  if kind ~= "end" then error("unexpected " .. tostring(value), 0) end
  return result
end
local function run(text, env)
  return select(2, pcall(function() return compile(text)(env or {}) end))
end
print(run("1 + 2 * 3"), run("(1 + 2) * 3"), run("2 ^ 3 ^ 2"), run("-2 ^ 2"), run("7 % 4 - 5 / 2"))
-- expect: 7 9 512.0 -4.0 0.5
print(run("x * x + y", {x = 5, y = 0.5}), run("z"), run("1 + "), run("(1"), run("1 2"))
-- expect: 25.5 unknown name z unexpected end missing ) unexpected 2
local f = compile("a * (b - 1)")
print(f {a = 2, b = 3}, f {a = 10, b = 0}) -- expect: 4 -10
