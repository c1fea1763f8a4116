-- Points in time, in seconds since 1970 (UTC), and as RFC 3339 writes them.

-- Days from 1970-01-01 to a date: years of the count begin in March, so that the leap day is last.
local function days_of(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = year // 400
  local year_of_era = year - era * 400
  local day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year -
         719468
end

local function date_of(days)
  days = days + 719468
  local era = days // 146097
  local day_of_era = days - era * 146097
  local year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 -
                       day_of_era // 146096) // 365
  local day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local month = (5 * day_of_year + 2) // 153
  local day = day_of_year - (153 * month + 2) // 5 + 1
  month = month < 10 and month + 3 or month - 9
  local year = year_of_era + era * 400
  if month <= 2 then year = year + 1 end
  return year, month, day
end

local function check_time(value, position)
  if type(value) ~= "number" then intrinsic.type_error(position, "number", value) end
  -- The years 0 to 9999, which are those that RFC 3339 can write.
  if not (value >= -62167219200 and value < 253402300800) then
    intrinsic.arg_error(position, "not a time from the years 0 to 9999")
  end
  return value
end

local function format(time)
  if time == nil then time = os.time() end
  time = check_time(time, 1)
  local seconds = time // 1
  local fraction = time - seconds
  seconds = math.tointeger(seconds)
  local year, month, day = date_of(seconds // 86400)
  local rest = seconds % 86400
  local text = string.format("%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, rest // 3600,
                             rest % 3600 // 60, rest % 60)
  if fraction == 0 then return text .. "Z" end
  -- Down, so that no fraction becomes a second.
  return text .. string.format(".%03d", math.tointeger(fraction * 1000 // 1)) .. "Z"
end

local kMonthDays <const> = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

local function is_date(year, month, day)
  if month < 1 or month > 12 or day < 1 then return false end
  local days = kMonthDays[month]
  if month == 2 and year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0) then days = 29 end
  return day <= days
end

local function parse(text)
  text = intrinsic.check_string(text, 1)
  local year, month, day, hour, minute, second, rest = string.match(
      text, "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$")
  if not year then return nil, "not a time as in 2020-01-31T12:00:00Z" end
  year = math.tointeger(tonumber(year))
  month = math.tointeger(tonumber(month))
  day = math.tointeger(tonumber(day))
  hour = math.tointeger(tonumber(hour))
  minute = math.tointeger(tonumber(minute))
  second = math.tointeger(tonumber(second))
  if not is_date(year, month, day) or hour > 23 or minute > 59 or second > 60 then
    return nil, "not a date and time that exist"
  end
  local fraction, zone = string.match(rest, "^(%.%d+)(.*)$")
  if not fraction then
    fraction = ""
    zone = rest
  end
  local offset = 0
  if zone ~= "Z" and zone ~= "z" then
    local sign, zone_hour, zone_minute = string.match(zone, "^([+-])(%d%d):(%d%d)$")
    if not sign then return nil, "not a time as in 2020-01-31T12:00:00Z" end
    zone_hour = math.tointeger(tonumber(zone_hour))
    zone_minute = math.tointeger(tonumber(zone_minute))
    if zone_hour > 23 or zone_minute > 59 then return nil, "not an offset that exists" end
    offset = zone_hour * 3600 + zone_minute * 60
    if sign == "-" then offset = -offset end
  end
  local time = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
  if fraction == "" then return time end
  return time + tonumber("0" .. fraction)
end

return {
  ["utc.now"] = function() return os.time() end,
  ["utc.format"] = format,
  ["utc.parse"] = parse,
  ["utc.date"] = function(time)
    time = math.tointeger(check_time(time, 1) // 1)
    local year, month, day = date_of(time // 86400)
    local rest = time % 86400
    return {
      year = year, month = month, day = day, hour = rest // 3600, minute = rest % 3600 // 60,
      second = rest % 60, weekday = (time // 86400 + 3) % 7 + 1,
    }
  end,
  ["utc.time"] = function(year, month, day, hour, minute, second)
    year = intrinsic.check_integer(year, 1)
    month = intrinsic.check_integer(month, 2)
    day = intrinsic.check_integer(day, 3)
    if not is_date(year, month, day) then intrinsic.arg_error(3, "not a date that exists") end
    return days_of(year, month, day) * 86400 + intrinsic.opt_integer(hour, 4, 0) * 3600 +
           intrinsic.opt_integer(minute, 5, 0) * 60 + intrinsic.opt_integer(second, 6, 0)
  end,
}
