#include <ctime>

#include "base/os/calendar.hpp"

namespace moonlet::base::os {
namespace {

CalendarTime calendar_of(const std::tm& parts) {
  CalendarTime result;
  result.year = std::int64_t{parts.tm_year} + 1900;
  result.month = parts.tm_mon + 1;
  result.day = parts.tm_mday;
  result.hour = parts.tm_hour;
  result.minute = parts.tm_min;
  result.second = parts.tm_sec;
  result.weekday = parts.tm_wday;
  result.day_of_year = parts.tm_yday;
  result.is_daylight_saving = parts.tm_isdst;
  result.zone_offset_seconds = static_cast<int>(parts.tm_gmtoff);
  result.zone_name = parts.tm_zone == nullptr ? "" : parts.tm_zone;
  return result;
}

}  // namespace

std::optional<CalendarTime> local_time(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  if (time != seconds || localtime_r(&time, &parts) == nullptr) return std::nullopt;
  return calendar_of(parts);
}

std::optional<NormalizedTime> normalize_local_time(const DateFields& fields) {
  std::tm parts{};
  parts.tm_year = fields.years_since_1900;
  parts.tm_mon = fields.months_since_january;
  parts.tm_mday = fields.day;
  parts.tm_hour = fields.hour;
  parts.tm_min = fields.minute;
  parts.tm_sec = fields.second;
  parts.tm_isdst = fields.is_daylight_saving;
  const std::time_t time = std::mktime(&parts);
  if (time == -1) return std::nullopt;
  return NormalizedTime{time, calendar_of(parts)};
}

}  // namespace moonlet::base::os
