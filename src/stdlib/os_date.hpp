// Dates as text, in the C locale: what strftime does there, the same on every system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/os/calendar.hpp"

namespace moonlet::stdlib {

// Seconds since 1970 as a date in UTC; nothing when the year is beyond what 32 bits hold.
std::optional<base::os::CalendarTime> utc_time(std::int64_t seconds);

// A date in UTC with fields that need not be in their ranges; nothing when its year is too far off.
std::optional<base::os::NormalizedTime> normalize_utc_time(const base::os::DateFields& fields);

// Length of the conversion specifier at the beginning of `format`, behind the '%', or 0: not valid.
// Those of C99, with the modifiers E and O where they are allowed.
std::size_t specifier_size(std::string_view format);

// The same of Luau, which has no modifiers.
std::size_t luau_specifier_size(std::string_view format);

// Appends what the specifier stands for.
void append_date_item(std::string& out, std::string_view specifier,
                      const base::os::CalendarTime& time);

}  // namespace moonlet::stdlib
