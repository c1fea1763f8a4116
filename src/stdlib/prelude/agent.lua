-- Functions for agents that ask for several things at once, or for time; and require in images.

local kCallsMax <const> = 1000
local kSecondsMax <const> = 1e9

local function text_of(key)
  local kind = type(key)
  if kind == "string" or kind == "number" then return "[" .. key .. "] " end
  return ""
end

-- The calls as the host sees them, by number, and the script's key of each.
local function read_calls(calls)
  calls = intrinsic.check_table(calls, 1)
  local out = {}
  local keys = {}
  local count = 0
  local key, call = next(calls)
  while key ~= nil do
    if type(call) ~= "table" or type(rawget(call, 1)) ~= "string" then
      intrinsic.arg_error(1, text_of(key) .. "is no {name, payload}")
    end
    count = count + 1
    if count > kCallsMax then intrinsic.arg_error(1, "more than 1000 calls") end
    out[count] = {n = count, name = rawget(call, 1), payload = rawget(call, 2)}
    keys[count] = key
    key, call = next(calls, key)
  end
  return out, keys
end

-- Waits until one of the calls that are out has ended, and takes it off the list. `origin` is the
-- number of the Command that asked for them first; the host tells it.
local function await(kind, out, origin)
  local number, ok, value, from = intrinsic.await(kind, out, origin)
  local count = #out
  for i = 1, count do
    if out[i].n == number then
      for k = i, count do out[k] = out[k + 1] end
      return number, ok, value, from
    end
  end
  intrinsic.error("the host answered none of the calls that are out")
end

local function raise(key, message)
  if type(message) == "string" then intrinsic.error(text_of(key) .. message) end
  error(message, 0)
end

local function all(calls)
  local out, keys = read_calls(calls)
  local results = {}
  local failed, message, origin
  while #out > 0 do
    local number, ok, value
    number, ok, value, origin = await("all", out, origin)
    if ok then
      results[keys[number]] = value
    elseif not failed or number < failed then
      failed = number
      message = value
    end
  end
  if failed then raise(keys[failed], message) end
  return results
end

local function settle(calls)
  local out, keys = read_calls(calls)
  local results = {}
  local origin
  while #out > 0 do
    local number, ok, value
    number, ok, value, origin = await("settle", out, origin)
    if ok then
      results[keys[number]] = {ok = true, value = value}
    else
      results[keys[number]] = {ok = false, error = value}
    end
  end
  return results
end

local function race(calls)
  local out, keys = read_calls(calls)
  if #out == 0 then intrinsic.arg_error(1, "no call") end
  local number, ok, value = await("race", out, nil)
  if not ok then raise(keys[number], value) end
  return value, keys[number]
end

local function sleep(seconds)
  if type(seconds) ~= "number" then intrinsic.type_error(1, "number", seconds) end
  if not (seconds >= 0 and seconds <= kSecondsMax) then
    intrinsic.arg_error(1, "not a number of seconds from 0 to 1e9")
  end
  intrinsic.sleep("sleep", seconds, os.time() + seconds)
end

-- Modules of an image are found and run while it is made; afterwards there are those that were.
local function require_module(name)
  name = intrinsic.check_string(name, 1)
  local loaded, libraries = intrinsic.modules()
  local module = rawget(loaded, name)
  if module == nil then module = rawget(libraries, name) end
  if module ~= nil then
    if module == intrinsic.modules then
      intrinsic.error("module '" .. name .. "' requires itself")
    end
    return module
  end
  local loader = intrinsic.find_module(name)
  loaded[name] = intrinsic.modules
  module = loader(name)
  if module == nil then module = true end
  loaded[name] = module
  return module
end

return {
  ["host:all"] = all,
  ["host:settle"] = settle,
  ["host:race"] = race,
  ["host:sleep"] = sleep,
  ["host:require"] = require_module,
}
