// What a Vm asks of the world. Everything outside comes through here, so that runs can be repeated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moonlet::vm {

struct Vm;

class Host {
 public:
  virtual ~Host() = default;
  virtual void write(std::string_view text) = 0;  // print, io.write to standard output
  virtual void write_error(std::string_view) {}   // what the stand-alone interpreter reports
  virtual void flush() {}                         // what write() was given
  virtual void warn(std::string_view text, bool to_be_continued) = 0;
  virtual std::int64_t time_seconds() = 0;  // os.time
  virtual double clock_seconds() = 0;       // os.clock: processor time
  // For limits: a clock that only goes forward, and the time since 1970 (UTC).
  virtual std::int64_t steady_ns() { return 0; }
  virtual std::int64_t time_ns() { return time_seconds() * 1'000'000'000; }
  virtual bool uses_utc() { return true; }  // local time is UTC, not the system's
  virtual std::uint64_t entropy() = 0;      // seeds of math.random
  // Whole file into `contents` (empty path: standard input); else false and a message.
  virtual bool read_file(std::string_view path, std::string& contents, std::string& message) = 0;
};

}  // namespace moonlet::vm
