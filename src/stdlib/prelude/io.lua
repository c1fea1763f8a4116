-- Reading of several values, and iterators over files.

-- Reads a value for each format and answers them in a table, with their number; formats begin at
-- argument `first` of the library function. Reading ends at the first value that is not there, which
-- is nil and counts. An error of the system gives nil, 0, message, number.
local function read_values(file, first, ...)
  local count = select("#", ...)
  local formats = { ... }
  local values = {}
  for i = 1, count do
    local value, message, code = intrinsic.io_read(file, formats[i] or false, first + i - 1)
    if message then return nil, 0, message, code end
    values[i] = value
    if value == nil then return values, i end
  end
  return values, count
end

-- Functions of the library do not tail call what works for them: an error there bears their name.
local function read_default(...)
  local values, count, message, code = read_values(intrinsic.io_default("input"), 1, ...)
  if message then return nil, message, code end
  return intrinsic.unpack(values, 1, count)
end

local function read(file, ...)
  local values, count, message, code = read_values(file, 2, ...)
  if message then return nil, message, code end
  return intrinsic.unpack(values, 1, count)
end

local kFormatsMax <const> = 250

local function lines_of(file, closes, ...)
  local count = select("#", ...)
  if count > kFormatsMax then intrinsic.arg_error(kFormatsMax + 2, "too many arguments") end
  if count == 0 then
    return function()
      local line, message = intrinsic.io_read(file, nil, 2)
      if line then return line end
      if message then intrinsic.error(message) end
      if closes then io.close(file) end
    end
  end
  local formats = { ... }
  return function()
    local values, read_count, message =
      read_values(file, 2, intrinsic.unpack(formats, 1, count))
    if message then intrinsic.error(message) end
    -- A loop ends with the first value.
    if values[1] ~= nil then return intrinsic.unpack(values, 1, read_count) end
    if closes then io.close(file) end
  end
end

local function lines(file, ...)
  intrinsic.io_check(file)
  local step = lines_of(file, false, ...)
  return step
end

local function lines_of_name(name, ...)
  if name == nil then
    local file = intrinsic.io_default("input")
    intrinsic.io_check(file)
    local step = lines_of(file, false, ...)
    return step
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
