-- Luau's string.split, on top of the native search.

local function split(...)
  local text, separator = ...
  if select("#", ...) == 0 then intrinsic.type_error(1, "string") end
  text = intrinsic.check_string(text, 1)
  separator = separator == nil and "," or intrinsic.check_string(separator, 2)
  local parts = {}
  if separator == "" then
    for place = 1, #text do rawset(parts, place, string.sub(text, place, place)) end
    return parts
  end
  local count, from = 0, 1
  while true do
    local first, last = string.find(text, separator, from, true)
    if not first then break end
    count = count + 1
    rawset(parts, count, string.sub(text, from, first - 1))
    from = last + 1
  end
  rawset(parts, count + 1, string.sub(text, from))
  return parts
end

return {
  ["luau:string.split"] = split,
}
