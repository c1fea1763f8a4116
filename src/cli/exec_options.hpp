// The command line of `moonlet exec`, which is that of the `lua` program, with test aids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "moonlet/image.hpp"

namespace moonlet::cli {

struct ExecOptions {
  std::string program;  // as it was called
  struct Action {
    char kind;  // e, l, W
    std::string text;
  };
  std::vector<Action> actions;
  std::vector<std::string> words;  // the whole command line
  // Place of the script among the words, if there is one; `-` without a `--` in front of it is the
  // standard input.
  std::optional<std::size_t> script;
  bool ignores_environment = false;
  bool converses = false;
  bool shows_version = false;
  bool shows_help = false;
  bool has_code = false;  // some -e

  // ---- Of Moonlet.
  std::optional<Dialect> dialect;  // nothing: the script's name says
  bool is_sandboxed = true;
  bool shows_results = false;
  std::uint64_t memory_bytes_max = UINT64_MAX;
  std::uint32_t stack_slots_max = 0;  // 0: as any program's
  bool has_test_helpers = false;      // of Luau

  // ---- Test aids.
  std::uint64_t trip_every = 0;
  bool trips_to_processes = false;
  bool reports_trips = false;
  std::string dump_folder;  // for the states of all trips; empty: nowhere
  bool collects_always = false;
  std::int64_t failing_allocation = 0;
  std::int64_t failing_count = 1;
  std::uint64_t sweep_work = 0;  // millions of units of fuel; 0: no sweep

  std::string bad_option;  // not empty: the rest is not valid
  std::string problem;     // with it, when more can be said
};

Dialect dialect_of(const ExecOptions& options);
// Options begin at words[first].
ExecOptions parse_exec(std::vector<std::string> words, std::size_t first);
// The lines that follow an error about options.
std::string exec_usage(const std::string& program);
std::string exec_help();
inline constexpr std::uint64_t kSweepWork = 100;

}  // namespace moonlet::cli
