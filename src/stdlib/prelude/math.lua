-- Comparisons of what is not a number: strings, and values with metamethods.

local function greatest(...)
  local count = select("#", ...)
  local values = { ... }
  local best = values[1]
  for i = 2, count do
    local value = values[i]
    if best < value then best = value end
  end
  return best
end

local function least(...)
  local count = select("#", ...)
  local values = { ... }
  local best = values[1]
  for i = 2, count do
    local value = values[i]
    if value < best then best = value end
  end
  return best
end

return {
  ["math.max"] = greatest,
  ["math.min"] = least,
}
