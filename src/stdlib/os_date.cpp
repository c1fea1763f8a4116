#include "stdlib/os_date.hpp"

#include <array>

namespace moonlet::stdlib {

using base::os::CalendarTime;

namespace {

constexpr std::int64_t kSecondsPerDay = 86400;
// Years that a 32-bit count from 1900 holds.
constexpr std::int64_t kYearLowest = std::int64_t{INT32_MIN} + 1900;
constexpr std::int64_t kYearHighest = std::int64_t{INT32_MAX} + 1900;

constexpr std::array<std::string_view, 7> kWeekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}
// Not by way of floor_divide(): its product may lie below the least integer.
std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Year, month and day of a day counted from 1970-01-01. Years that begin in March end with the leap
// day, so that months and centuries follow a simple rule.
void set_date(CalendarTime& time, std::int64_t day) {
  constexpr std::int64_t kDaysTo1970 = 719468;  // from March 1st of year 0
  constexpr std::int64_t kDaysPer400Years = 146097;
  const std::int64_t days = day + kDaysTo1970;
  const std::int64_t era = floor_divide(days, kDaysPer400Years);
  const std::int64_t of_era = days - era * kDaysPer400Years;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;  // 0: March
  time.day = static_cast<int>(of_year - (153 * month + 2) / 5 + 1);
  time.month = static_cast<int>(month < 10 ? month + 3 : month - 9);
  time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
  // January and February come at the end of the year that began in March.
  const std::int64_t first_part = is_leap(time.year) ? 60 : 59;
  time.day_of_year = static_cast<int>(month < 10 ? of_year + first_part : of_year - 306);
}

// The other way round: counted from 1970-01-01, for a month that need not be one of the year's.
std::int64_t day_of(std::int64_t year, std::int64_t months_since_january, std::int64_t day) {
  constexpr std::int64_t kDaysTo1970 = 719468;
  const std::int64_t months = year * 12 + months_since_january - 2;  // from March of year 0
  const std::int64_t march_year = floor_divide(months, 12);
  const std::int64_t month = floor_modulo(months, 12);
  return march_year * 365 + floor_divide(march_year, 4) - floor_divide(march_year, 100) +
         floor_divide(march_year, 400) + (153 * month + 2) / 5 + day - 1 - kDaysTo1970;
}

void append_number(std::string& out, std::int64_t number, std::size_t width, char fill) {
  const std::string digits = std::to_string(number);
  if (digits.size() < width) out.append(width - digits.size(), fill);
  out += digits;
}
void append_two(std::string& out, std::int64_t number) { append_number(out, number, 2, '0'); }

void append_all(std::string& out, std::string_view specifiers, const CalendarTime& time) {
  for (std::size_t i = 0; i < specifiers.size(); ++i) {
    if (specifiers[i] == '%') {
      append_date_item(out, specifiers.substr(++i, 1), time);
    } else {
      out += specifiers[i];
    }
  }
}

struct Week {
  std::int64_t year;
  int number;
};

// ISO 8601: weeks begin on Monday, the first one has the year's first Thursday.
Week iso_week(const CalendarTime& time) {
  const int weekday = (time.weekday + 6) % 7;  // 0: Monday
  const int thursday = time.day_of_year - weekday + 3;
  std::int64_t year = time.year;
  int day = thursday;
  if (thursday < 0) {
    --year;
    day += is_leap(year) ? 366 : 365;
  } else if (thursday >= (is_leap(year) ? 366 : 365)) {
    day -= is_leap(year) ? 366 : 365;
    ++year;
  }
  return {year, day / 7 + 1};
}

int hour_of_half_day(const CalendarTime& time) { return (time.hour + 11) % 12 + 1; }

void append_zone_offset(std::string& out, int seconds) {
  const int minutes = (seconds < 0 ? -seconds : seconds) / 60;
  out += seconds < 0 ? '-' : '+';
  append_two(out, minutes / 60);
  append_two(out, minutes % 60);
}

}  // namespace

std::optional<CalendarTime> utc_time(std::int64_t seconds) {
  CalendarTime time;
  const std::int64_t day = floor_divide(seconds, kSecondsPerDay);
  const auto second = static_cast<int>(floor_modulo(seconds, kSecondsPerDay));
  set_date(time, day);
  if (time.year < kYearLowest || time.year > kYearHighest) return std::nullopt;
  time.hour = second / 3600;
  time.minute = second / 60 % 60;
  time.second = second % 60;
  time.weekday = static_cast<int>(floor_modulo(day + 4, 7));
  time.is_daylight_saving = 0;
  return time;
}

std::optional<base::os::NormalizedTime> normalize_utc_time(const base::os::DateFields& fields) {
  const std::int64_t day =
      day_of(std::int64_t{fields.years_since_1900} + 1900, fields.months_since_january, fields.day);
  const std::int64_t seconds = day * kSecondsPerDay + std::int64_t{fields.hour} * 3600 +
                               std::int64_t{fields.minute} * 60 + fields.second;
  const auto calendar = utc_time(seconds);
  if (!calendar) return std::nullopt;
  return base::os::NormalizedTime{seconds, *calendar};
}

constexpr std::string_view kPlain = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";

std::size_t luau_specifier_size(std::string_view format) {
  return !format.empty() && kPlain.find(format[0]) != std::string_view::npos ? 1 : 0;
}

std::size_t specifier_size(std::string_view format) {
  constexpr std::string_view kAlternativeEra = "cCxXyY";
  constexpr std::string_view kAlternativeDigits = "deHImMSuUVwWy";
  if (format.empty()) return 0;
  if (kPlain.find(format[0]) != std::string_view::npos) return 1;
  if (format.size() < 2) return 0;
  if (format[0] == 'E') return kAlternativeEra.find(format[1]) != std::string_view::npos ? 2 : 0;
  if (format[0] == 'O') return kAlternativeDigits.find(format[1]) != std::string_view::npos ? 2 : 0;
  return 0;
}

void append_date_item(std::string& out, std::string_view specifier, const CalendarTime& time) {
  const std::string_view weekday = kWeekdays[static_cast<std::size_t>(time.weekday)];
  const std::string_view month = kMonths[static_cast<std::size_t>(time.month - 1)];
  // The modifiers change nothing in the C locale.
  switch (specifier.back()) {
    case 'a':
      out += weekday.substr(0, 3);
      break;
    case 'A':
      out += weekday;
      break;
    case 'b':
    case 'h':
      out += month.substr(0, 3);
      break;
    case 'B':
      out += month;
      break;
    case 'c':
      append_all(out, "%a %b %e %H:%M:%S %Y", time);
      break;
    case 'C':
      append_two(out, floor_divide(time.year, 100));
      break;
    case 'd':
      append_two(out, time.day);
      break;
    case 'D':
      append_all(out, "%m/%d/%y", time);
      break;
    case 'e':
      append_number(out, time.day, 2, ' ');
      break;
    case 'F':
      append_all(out, "%Y-%m-%d", time);
      break;
    case 'g':
      append_two(out, floor_modulo(iso_week(time).year, 100));
      break;
    case 'G':
      out += std::to_string(iso_week(time).year);
      break;
    case 'H':
      append_two(out, time.hour);
      break;
    case 'I':
      append_two(out, hour_of_half_day(time));
      break;
    case 'j':
      append_number(out, time.day_of_year + 1, 3, '0');
      break;
    case 'm':
      append_two(out, time.month);
      break;
    case 'M':
      append_two(out, time.minute);
      break;
    case 'n':
      out += '\n';
      break;
    case 'p':
      out += time.hour < 12 ? "AM" : "PM";
      break;
    case 'r':
      append_all(out, "%I:%M:%S %p", time);
      break;
    case 'R':
      append_all(out, "%H:%M", time);
      break;
    case 'S':
      append_two(out, time.second);
      break;
    case 't':
      out += '\t';
      break;
    case 'T':
    case 'X':
      append_all(out, "%H:%M:%S", time);
      break;
    case 'u':
      out += std::to_string(time.weekday == 0 ? 7 : time.weekday);
      break;
    case 'U':
      append_two(out, (time.day_of_year + 7 - time.weekday) / 7);
      break;
    case 'V':
      append_two(out, iso_week(time).number);
      break;
    case 'w':
      out += std::to_string(time.weekday);
      break;
    case 'W':
      append_two(out, (time.day_of_year + 7 - (time.weekday + 6) % 7) / 7);
      break;
    case 'x':
      append_all(out, "%m/%d/%y", time);
      break;
    case 'y':
      append_two(out, floor_modulo(time.year, 100));
      break;
    case 'Y':
      out += std::to_string(time.year);
      break;
    case 'z':
      append_zone_offset(out, time.zone_offset_seconds);
      break;
    case 'Z':
      out += time.zone_name;
      break;
    case '%':
      out += '%';
      break;
    default:
      break;
  }
}

}  // namespace moonlet::stdlib
