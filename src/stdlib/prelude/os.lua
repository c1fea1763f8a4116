-- os.time of a date: its fields are read and written as any table's.

-- An integer field less `delta`; all have to fit in 32 bits. Without `default` it must be there.
local function date_field(date, name, default, delta)
  local value = date[name]
  local integer = math.tointeger(value)
  if not integer then
    if value ~= nil then intrinsic.error("field '" .. name .. "' is not an integer") end
    if not default then intrinsic.error("field '" .. name .. "' missing in date table") end
    return default
  end
  local fits
  if integer >= 0 then
    fits = integer - delta <= 0x7fffffff
  else
    fits = integer >= delta - 0x80000000
  end
  if not fits then intrinsic.error("field '" .. name .. "' is out-of-bound") end
  return integer - delta
end

local function time(date)
  if type(date) ~= "table" then intrinsic.type_error(1, "table", date) end
  local year = date_field(date, "year", nil, 1900)
  local month = date_field(date, "month", nil, 1)
  local day = date_field(date, "day", nil, 0)
  local hour = date_field(date, "hour", 12, 0)
  local min = date_field(date, "min", 0, 0)
  local sec = date_field(date, "sec", 0, 0)
  local isdst = date.isdst
  local dst = isdst == nil and -1 or isdst and 1 or 0
  local seconds, yday, wday
  seconds, year, month, day, hour, min, sec, yday, wday, isdst =
    intrinsic.os_normalize(year, month, day, hour, min, sec, dst)
  date.year, date.month, date.day = year, month, day
  date.hour, date.min, date.sec = hour, min, sec
  date.yday, date.wday = yday, wday
  if isdst ~= nil then date.isdst = isdst end
  return seconds
end

return {
  ["os.time"] = time,
}
