-- golden: sealed 1
-- An image of a program in the middle of a call, and the state of a fork of it.
local thoughts = setmetatable({}, {__mode = "k"})
return {main = function()
  local plan = {"look"}
  thoughts[plan] = "kept"
  local function consider(option, ...)
    plan[#plan + 1] = option
    if select("#", ...) == 0 then return sys.invoke("choose", plan) end
    return consider(...)
  end
  local first = consider("left", "right")
  plan.choice = first
  local second = sys.invoke("confirm", plan.choice)
  return plan[1], plan[2], plan[3], plan.choice, second, thoughts[plan], math.random(1000000)
end}
