#include <cstdlib>
#include <ctime>
#include <iomanip>
#include <sstream>
#include <string>

#include "stdlib/os_date.hpp"
#include "tests/support/run_script.hpp"

namespace moonlet::stdlib {
namespace {

// Every specifier at dates where weeks and years disagree, against the system's own.
TEST(OsDate, SpecifiersAreThoseOfTheCLocale) {
  const std::string_view specifiers = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYZ%";
  for (std::int64_t day = -800; day < 20'000; ++day) {
    const std::int64_t seconds = day * 86'400 + day % 86'400 * 37 % 86'400;
    const auto time = utc_time(seconds);
    ASSERT_TRUE(time);
    const auto system_time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ASSERT_NE(gmtime_r(&system_time, &parts), nullptr);
    for (const char specifier : specifiers) {
      const char format[] = {'%', specifier, '\0'};
      std::ostringstream expected;
      expected << std::put_time(&parts, format);
      std::string got;
      append_date_item(got, {&specifier, 1}, *time);
      ASSERT_EQ(got, expected.str()) << format << " of " << seconds;
    }
  }
}

TEST(OsDate, YearsAreBounded) {
  EXPECT_TRUE(utc_time(67'768'036'191'676'799));  // the last second that 32 bits can name
  EXPECT_FALSE(utc_time(67'768'036'191'676'800));
  EXPECT_TRUE(utc_time(-67'768'040'609'740'800));
  EXPECT_FALSE(utc_time(-67'768'040'609'740'801));
  EXPECT_FALSE(utc_time(INT64_MAX));
  EXPECT_FALSE(utc_time(INT64_MIN));
}

TEST(OsLibrary, FormatsDates) {
  expect_runs(R"lua(
    same(os.date("!%Y-%m-%d %H:%M:%S", 0), "1970-01-01 00:00:00")
    same(os.date("!%c", 1000000000), "Sun Sep  9 01:46:40 2001")
    same(os.date("!%x %X %p %j", 86399), "01/01/70 23:59:59 PM 001")
    same(os.date("!%Ex%Oy%%", 0), "01/01/7070%")
    same(os.date("!%F"), "2001-09-09")
    same(os.date(""), "") same(os.date("\0!"), "\0!")
    local d = os.date("!*t", 1234567890)
    same(list(d.year, d.month, d.day, d.hour, d.min, d.sec), "2009 2 13 23 31 30")
    same(list(d.wday, d.yday, tostring(d.isdst)), "6 44 false")
    for _, bad in ipairs{"%", "%9", "%E", "%O", "%Ea", "%Oc", "%q", "%\0"} do
      fails("invalid conversion specifier", os.date, bad)
    end
    fails("cannot be represented", os.date, "%Y", 2^60)
    fails("number has no integer representation", os.date, "%Y", 1.5)
    local long = string.rep("%Y=", 20000)
    same(os.date("!" .. long, 0), string.rep("1970=", 20000))
    same(os.date(string.rep("a", 500000)), string.rep("a", 500000))
  )lua");
}

TEST(OsLibrary, ReadsAndNormalizesDates) {
  expect_runs(R"lua(
    same(os.time(), 1000000000)
    same(os.time(nil), 1000000000)
    same(os.clock(), 1.5)
    same(os.difftime(5, 3), 2.0)
    local t = {year = 2005, month = 1, day = 1, hour = 1, min = 0, sec = -3602}
    local seconds = os.time(t)
    same(list(t.year, t.month, t.day, t.hour, t.min, t.sec), "2004 12 31 23 59 58")
    same(t.yday, 366)
    same(os.time(os.date("*t", seconds)), seconds)
    same(os.time{year = "2000", month = 1.0, day = " 1 ", hour = 0} ,
         os.time{year = 2000, month = 1, day = 1, hour = 0})
    same(os.time{year = 2000, month = 1, day = 1, hour = 12}, os.time{year = 2000, month = 1, day = 1})
    -- Fields are read and written as any table's.
    local read = {}
    local proxy = setmetatable({}, {__index = function(_, k) read[#read + 1] = k
      return ({year = 2000, month = 1, day = 1})[k] end})
    os.time(proxy)
    same(list(table.unpack(read)), "year month day hour min sec isdst")
    same(rawget(proxy, "wday"), 7)
    fails("field 'day' missing in date table", os.time, {year = 2000, month = 1})
    fails("field 'year' missing in date table", os.time, {hour = 12})
    fails("field 'hour' is not an integer", os.time, {year = 2000, month = 1, day = 1, hour = "x"})
    fails("field 'hour' is not an integer", os.time, {year = 2000, month = 1, day = 1, hour = 1.5})
    fails("field 'year' is out-of-bound", os.time, {year = 1 << 40, month = 1, day = 1})
    fails("field 'year' is out-of-bound", os.time, {year = -(1 << 31), month = 1, day = 1})
    fails("field 'month' is out-of-bound", os.time, {year = 0, month = -((1 << 31) + 1), day = 1})
    fails("cannot be represented", os.time,
          {year = (1 << 31) + 1899, month = 12, day = 31, hour = 23, min = 59, sec = 60})
    fails("table expected, got number", os.time, 5)
  )lua");
}

TEST(OsLibrary, AsksTheSystem) {
  setenv("MOONLET_TEST_VARIABLE", "a value", 1);
  expect_runs(R"lua(
    same(os.getenv("MOONLET_TEST_VARIABLE"), "a value")
    same(os.getenv("MOONLET_TEST_NO_SUCH_VARIABLE"), nil)
    same(os.setlocale(), "C") same(os.setlocale("C"), "C") same(os.setlocale("", "ctype"), "C")
    same(os.setlocale("POSIX", "all"), "C")
    same(os.setlocale("de_DE"), nil)
    fails("invalid option 'x'", os.setlocale, "C", "x")
    same(os.execute(), true)
    local ok, kind, code = os.execute("exit 0")
    same(ok, true) same(kind, "exit") same(code, 0)
    ok, kind, code = os.execute("exit 3")
    same(ok, nil) same(kind, "exit") same(code, 3)
    ok, kind, code = os.execute("kill -9 $$")
    same(ok, nil) same(kind, "signal") same(code, 9)
    local name = os.tmpname()
    same(os.rename(name, name .. "x"), true)
    same(os.remove(name .. "x"), true)
    local r, message, number = os.remove(name .. "x")
    same(r, nil) same(message, name .. "x: No such file or directory") same(number, 2)
    r, message = os.rename(name, name)
    same(r, nil) same(message, "No such file or directory")
  )lua");
}

TEST(OsLibrary, Exits) {
  EXPECT_EQ(run_script("os.exit()"), "exit 0");
  EXPECT_EQ(run_script("os.exit(true)"), "exit 0");
  EXPECT_EQ(run_script("os.exit(false)"), "exit 1");
  EXPECT_EQ(run_script("pcall(os.exit, 7) error('not here')"), "exit 7");
  EXPECT_EQ(run_script("coroutine.wrap(function() os.exit(3) end)()"), "exit 3");
}

}  // namespace
}  // namespace moonlet::stdlib
