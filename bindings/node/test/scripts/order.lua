local started = 0

return {
  handlers = {
    process_order = sys.export(function(input)
      started = started + 1
      local user = sys.invoke("get_user", { id = input.userId })
      local ok, result = pcall(sys.invoke, "charge", { orderId = input.orderId })
      if not ok then
        return { status = "charge_failed", why = result }
      end
      sys.invoke("send_email", { to = user.name, orderId = input.orderId })
      return { status = "completed", user = user.name }
    end),
    count = sys.export(function() return started end),
    where = sys.export(function()
      sys.invoke("wait")
      return sys.config().region
    end),
  },
}
