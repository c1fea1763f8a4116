-- Basic functions that call the script back.

local function read_pieces(reader)
  local pieces = {}
  local count = 0
  while true do
    local piece = reader()
    if piece == nil then break end
    if type(piece) ~= "string" then
      if math.type(piece) == nil then
        return nil, "reader function must return a string"
      end
      piece = tostring(piece)
    end
    if piece == "" then break end
    count = count + 1
    rawset(pieces, count, piece)
  end
  return table.concat(pieces)
end

-- Those that are due now: with a collection in between, a finalizer that marks its object again
-- would be due for ever.
local function run_finalizers()
  for _ = 1, intrinsic.pending_finalizers() do
    local finalizer, object = intrinsic.next_finalizer()
    if finalizer == nil then return end
    local ok, message = pcall(finalizer, object)
    if not ok then intrinsic.finalizer_failed(message) end
  end
  intrinsic.pending_finalizers()
end

return {
  ["collectgarbage"] = function(option, number)
    local result = intrinsic.collect(option, number)
    run_finalizers()
    return result
  end,

  ["intrinsic.close_state"] = function()
    intrinsic.all_finalizers()
    run_finalizers()
  end,

  ["print"] = function(...)
    for n = 1, select("#", ...) do
      if n > 1 then intrinsic.write("\t") end
      intrinsic.write(intrinsic.tostring((select(n, ...))))
    end
    intrinsic.write("\n")
  end,

  ["intrinsic.ipairs_step"] = function(t, i)
    i = i + 1
    local value = t[i]
    if value ~= nil then return i, value end
    return nil
  end,

  ["load"] = function(chunk, name, mode, ...)
    local source = chunk
    if type(chunk) ~= "string" then
      if math.type(chunk) then
        source = tostring(chunk)
      else
        if type(chunk) ~= "function" then
          if chunk == nil and select("#", ...) == 0 and mode == nil and name == nil then
            intrinsic.type_error(1, "function")
          end
          intrinsic.type_error(1, "function", chunk)
        end
        if name == nil then name = "=(load)" end
        local ok, text, message = pcall(read_pieces, chunk)
        if not ok then return nil, text end
        if text == nil then return nil, message end
        source = text
      end
    end
    return intrinsic.load(source, name, mode, ...)
  end,

  ["dofile"] = function(name)
    local f, message = intrinsic.load_file(name)
    if not f then return error(message, 0) end
    return f()
  end,

  ["coroutine.wrap"] = function(...)
    local f = ...
    if select("#", ...) == 0 then intrinsic.type_error(1, "function") end
    intrinsic.check_function(f, 1)
    local co = coroutine.create(f)
    return function(...)
      return intrinsic.resume_wrap(co, ...)
    end
  end,
}
