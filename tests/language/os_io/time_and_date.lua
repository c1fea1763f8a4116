-- os.time, os.date and os.difftime, independent of the time zone.
local t = os.time {year = 2024, month = 2, day = 29, hour = 12}
local d = os.date("*t", t)
print(d.year, d.month, d.day, d.hour, d.min, d.sec, d.yday, d.wday, type(d.isdst))
-- expect: 2024 2 29 12 0 0 60 5 boolean
-- Fields out of range are normalised, in the result and in the table given.
local fields = {year = 2023, month = 14, day = -3, hour = 36, min = 90, sec = -5}
local n = os.time(fields)
print(fields.year, fields.month, fields.day, fields.hour, fields.min, fields.sec, fields.yday)
-- expect: 2024 1 29 13 29 55 29
print(os.date("%Y-%m-%d %H:%M:%S", n)) -- expect: 2024-01-29 13:29:55
print(os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%Y-%m-%d", 86400 * 365))
-- expect: 1970-01-01 00:00:00 1971-01-01
print(os.date("!%a %A %b %B %d %j %y %p %%", 1e9 // 1 | 0))
-- expect: Sun Sunday Sep September 09 252 01 AM %
print(os.date("!%c", 0)) -- expect: Thu Jan  1 00:00:00 1970
print(os.date("!%x %X %D %F %T %R", 0))
-- expect: 01/01/70 00:00:00 01/01/70 1970-01-01 00:00:00 00:00
local u = os.date("!*t", 1700000000)
print(u.year, u.month, u.day, u.hour, u.min, u.sec, u.wday, u.yday, u.isdst)
-- expect: 2023 11 14 22 13 20 3 318 false
print(os.difftime(t + 60, t), math.type(os.time()), math.type(os.difftime(1, 0)))
-- expect: 60.0 integer float
print(#os.date() > 10, os.date("!%H", 3600 * 5), os.date("") == "") -- expect: true 05 true
print(pcall(os.date, "%Ez", 0))
-- expect: false bad argument #1 to 'os.date' (invalid conversion specifier '%Ez')
print(pcall(os.date, "%", 0))
-- expect: false bad argument #1 to 'os.date' (invalid conversion specifier '%')
print(pcall(os.date, "%Q", 0))
-- expect: false bad argument #1 to 'os.date' (invalid conversion specifier '%Q')
print(pcall(os.time, {year = 2020})) -- expect: false field 'month' missing in date table
print(pcall(os.time, {year = 2020, month = "x", day = 1}))
-- expect: false field 'month' is not an integer
print(pcall(os.time, {year = 2020, month = 1.5, day = 1}))
-- expect: false field 'month' is not an integer
print(pcall(os.time, {year = 1 << 40, month = 1, day = 1}) == false) -- expect: true
local noon = os.time {year = 2000, month = 1, day = 1}
print(os.time {year = 2000, month = 1, day = 2, hour = 0} - noon) -- expect: 43200
print(os.time {year = "2000", month = "1", day = "1", hour = 12} == noon) -- expect: true
