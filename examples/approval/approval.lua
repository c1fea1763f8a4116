-- A request that people decide about. While one of them thinks, there is no process: the loop, its
-- counter and the list of those who have agreed are in a file of a few hundred bytes.

local function request_leave(request)
  local days = request.days
  if math.type(days) ~= "integer" or days < 1 then error("days has to be a number from 1 on") end

  local config = sys.config()
  local needed = days > config.longLeaveDays and 2 or 1
  local agreed = {}
  for n = 1, needed do
    local manager = config.managers[n]
    sys.invoke("notify", {to = manager, text = request.who .. " asks for " .. days .. " days"})
    local decision = sys.invoke("decide", {manager = manager, who = request.who, days = days})
    if not decision.approved then
      sys.emit("declined", {who = request.who, by = manager})
      sys.invoke("notify", {to = request.who, text = "declined by " .. manager})
      return {status = "declined", by = {manager}, comment = decision.comment}
    end
    agreed[n] = manager
  end
  sys.invoke("notify", {to = request.who, text = "approved"})
  return {status = "approved", by = agreed}
end

return {handlers = {request_leave = sys.export(request_leave)}}
