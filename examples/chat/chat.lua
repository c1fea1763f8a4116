-- An agent: a model that may call tools, several at once. The conversation is a local variable, and
-- survives the end of the process like any other.

local tools = {
  weather = "the weather of a city",
  local_time = "the time in a city",
}

local function describe()
  local list = {}
  for name, about in pairs(tools) do list[#list + 1] = {name = name, about = about} end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function ask(input)
  local messages = {{role = "user", text = input.question}}
  local used = {}
  local turns_max = sys.config().turnsMax
  for turn = 1, turns_max do
    local reply = sys.invoke("complete", {messages = messages, tools = describe()})
    if reply.text then return {answer = reply.text, turns = turn, tools = used} end

    local calls = {}
    for _, call in ipairs(reply.calls) do
      if tools[call.tool] then
        calls[call.id] = {call.tool, call.arguments}
        used[#used + 1] = call.tool
      end
    end
    local answers = sys.settle(calls)
    messages[#messages + 1] = {role = "assistant", calls = reply.calls}
    for _, call in ipairs(reply.calls) do
      local answer = answers[call.id]
      local text = answer == nil and "there is no such tool"
                   or answer.ok and json.encode(answer.value)
                   or "error: " .. answer.error
      messages[#messages + 1] = {role = "tool", id = call.id, text = text}
    end
  end
  error("no answer after " .. turns_max .. " turns")
end

return {handlers = {ask = sys.export(ask)}}
