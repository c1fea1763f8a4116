// Programs that take an input, give an output, and may not take forever.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace moonlet::base::os {

struct CommandRequest {
  std::string command;                                           // for the system's shell
  std::string folder;                                            // where it runs; empty: here
  std::vector<std::pair<std::string, std::string>> environment;  // in addition to ours
  std::string input;                                             // its standard input
  std::int64_t timeout_ms = 0;                                   // 0: none
  std::size_t output_bytes_max = SIZE_MAX;                       // of each of its two outputs
  const std::atomic<bool>* is_abandoned = nullptr;               // set: it is to end soon
  bool ends_with_us = false;                                     // see end_programs_with_us()
};

struct CommandResult {
  // NotStarted: `code` is an error number. TimedOut, TooLong (its output), Abandoned: it and what
  // it started have been killed.
  enum class Kind : std::uint8_t { Exited, Signaled, TimedOut, TooLong, Abandoned, NotStarted };
  Kind kind = Kind::NotStarted;
  int code = 0;
  std::string output;
  std::string errors;  // its standard error
};

// Several threads may run programs at once.
[[nodiscard]] CommandResult run_with_input(const CommandRequest& request);

// From now on what ends this process by SIGINT, SIGTERM or SIGHUP also reaches the programs that
// end with us, and what they have started. They have groups of their own, which a terminal does not
// know.
void end_programs_with_us();

}  // namespace moonlet::base::os
