// Local time: what only the system knows about time zones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace moonlet::base::os {

// A date as people write it. Months and days count from 1, weekdays from 0 (Sunday), days of the
// year from 0.
struct CalendarTime {
  std::int64_t year = 1970;
  int month = 1;
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 4;
  int day_of_year = 0;
  int is_daylight_saving = -1;  // 1, 0, or -1: not known
  int zone_offset_seconds = 0;  // local time minus UTC
  std::string zone_name = "GMT";
};

// Seconds since 1970 to local time; nothing when the year is too large for the system.
std::optional<CalendarTime> local_time(std::int64_t seconds);

// Fields of a date that need not be in their ranges.
struct DateFields {
  int years_since_1900;
  int months_since_january;
  int day;
  int hour;
  int minute;
  int second;
  int is_daylight_saving;
};
// Local time to seconds since 1970, with the fields brought into their ranges.
struct NormalizedTime {
  std::int64_t seconds;
  CalendarTime calendar;
};
std::optional<NormalizedTime> normalize_local_time(const DateFields& fields);

}  // namespace moonlet::base::os
