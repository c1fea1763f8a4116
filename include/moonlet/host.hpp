// What Vms ask of the world besides Commands. Everything comes through here, so that a host can
// answer as it likes, and a run can be repeated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace moonlet {

// The functions here use the process: standard output and error, the system's clock and entropy.
// Called on the thread that runs the Vm. A Host outlives the Vms that it was given to.
class Host {
 public:
  virtual ~Host() = default;
  virtual void write(std::string_view text);        // print, io.write to the standard output
  virtual void write_error(std::string_view text);  // what the stand-alone interpreter reports
  virtual void flush();
  virtual void warn(std::string_view text, bool to_be_continued);
  virtual std::int64_t time_seconds();
  virtual double clock_seconds();
  // Only asked when a Vm has a limit of its run time, or a deadline: a clock that goes forward
  // evenly, from any point on, and the time since 1970 (UTC). In nanoseconds.
  virtual std::int64_t steady_ns();
  virtual std::int64_t time_ns();
  // What local time is in os.date and os.time: UTC, or else the system's (the answer here), which
  // differs from one machine to the next.
  virtual bool uses_utc();
  virtual std::uint64_t entropy();
  // A whole file (an empty path: standard input) into `contents`; else false and a message. Only
  // asked by libraries that agents do not have.
  virtual bool read_file(std::string_view path, std::string& contents, std::string& message);

 private:
  bool is_warning_continued_ = false;
};

// One for the whole process, without state of its own that matters.
Host& process_host();

}  // namespace moonlet
