-- Reading of several values, and iterators over files.

-- Values for the formats, which begin at argument `first` of the library function. Reading ends at
-- the first value that is not there, which is nil; an error of the system gives nil, message, number.
local function read_values(file, first, ...)
  local count = select("#", ...)
  if count == 0 then return intrinsic.io_read(file, nil, first) end
  local formats = { ... }
  local values = {}
  for i = 1, count do
    local value, message, code = intrinsic.io_read(file, formats[i] or false, first + i - 1)
    if message then return nil, message, code end
    values[i] = value
    if value == nil then return intrinsic.unpack(values, 1, i) end
  end
  return intrinsic.unpack(values, 1, count)
end

local function read_default(...)
  return read_values(intrinsic.io_default("input"), 1, ...)
end

local function read(file, ...)
  return read_values(file, 2, ...)
end

-- What an iterator returns of what was read; no value ends the loop.
local function step_result(file, closes, ...)
  local value, message = ...
  if value then return ... end
  if message then intrinsic.error(message) end
  if closes then io.close(file) end
end

local kFormatsMax <const> = 250

local function lines_of(file, closes, ...)
  local count = select("#", ...)
  if count > kFormatsMax then intrinsic.arg_error(kFormatsMax + 2, "too many arguments") end
  if count == 0 then
    return function()
      if intrinsic.io_is_closed(file) then intrinsic.error("file is already closed") end
      return step_result(file, closes, intrinsic.io_read(file, nil, 2))
    end
  end
  local formats = { ... }
  return function()
    if intrinsic.io_is_closed(file) then intrinsic.error("file is already closed") end
    return step_result(file, closes, read_values(file, 2, intrinsic.unpack(formats, 1, count)))
  end
end

local function lines(file, ...)
  intrinsic.io_check(file)
  return lines_of(file, false, ...)
end

local function lines_of_name(name, ...)
  if name == nil then
    local file = intrinsic.io_default("input")
    intrinsic.io_check(file)
    return lines_of(file, false, ...)
  end
  local file = intrinsic.io_open(intrinsic.check_string(name, 1))
  return lines_of(file, true, ...), nil, nil, file
end

return {
  ["io.lines"] = lines_of_name,
  ["io.read"] = read_default,
  ["io:lines"] = lines,
  ["io:read"] = read,
}
