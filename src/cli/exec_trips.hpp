// Trips of a program of `moonlet exec`: what they were, and those into another process.
//
// With --trip-process one process watches over others, of which each runs the program from one trip
// to the next and leaves a Luggage.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "cli/exec_options.hpp"

namespace moonlet::cli {

struct TripReport {
  std::uint64_t safepoints = 0;
  std::uint64_t trips = 0;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_max = 0;
  std::map<std::string, std::uint64_t> refusals;  // how often, by reason

  void add_trip(std::uint64_t size);
  // On the standard error.
  void print() const;
};

// The word that the command line of such a process begins with.
inline constexpr std::string_view kNextProcess = "--next-process";

struct Luggage {
  std::string state;         // of the Vm; empty: the program is to begin, or has ended
  std::string unread_input;  // read ahead of the program
  double clock_seconds = 0;  // processor time so far
  int code = 0;              // exit code, as far as it is known
  bool is_closing = false;   // pending variables and finalizers are under way
  bool has_ended = false;
  TripReport report;
};
std::string pack(const Luggage& luggage);
// Nothing: this is none.
std::optional<Luggage> unpack(std::string_view bytes);

// Runs the program in processes one after the other. The exit code.
int run_in_processes(const ExecOptions& options);

}  // namespace moonlet::cli
