-- One order from beginning to end, written as if nothing could come between. At each sys.invoke the
-- process may end; what is in these variables, and the line it was on, is then all in the state.

local orders_handled = 0 -- as long as this instance lives, frozen or not

local function compensate(undo)
  for i = #undo, 1, -1 do undo[i]() end
end

local function process_order(input)
  local config = sys.config()
  local user = sys.invoke("get_user", {id = input.userId})
  local undo = {}
  local function mail(subject)
    return sys.invoke("send_email", {
      to = user.email,
      subject = config.shop .. ": " .. subject,
      orderId = input.orderId,
    })
  end

  local reserved = sys.invoke("reserve", {orderId = input.orderId})
  undo[#undo + 1] = function() sys.invoke("release", {reservationId = reserved.id}) end

  local paid, charge = pcall(sys.invoke, "charge", {
    orderId = input.orderId,
    userId = user.id,
    amount = reserved.amount,
    currency = config.currency,
  })
  if not paid then
    compensate(undo)
    mail("your card was declined, nothing was charged")
    return {status = "charge_failed", user = user.name, reason = tostring(charge)}
  end
  undo[#undo + 1] = function() sys.invoke("refund", {chargeId = charge.id}) end

  local told, problem = pcall(mail, "thank you for your order")
  if not told then
    compensate(undo)
    return {status = "cancelled", user = user.name, reason = tostring(problem)}
  end

  orders_handled = orders_handled + 1
  return {
    status = "completed",
    user = user.name,
    item = reserved.item,
    charged = reserved.amount,
    receipt = charge.id,
    ordersHandled = orders_handled,
  }
end

return {
  handlers = {
    process_order = sys.export(process_order),
  },
}
