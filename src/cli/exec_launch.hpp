// Starts the stand-alone interpreter (src/stdlib/prelude/standalone.lua) as the command line asks.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "cli/exec_options.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet::cli {

// Where the interpreter finds its work besides the options.
struct Dialogue {
  bool converses = false;    // reads and runs lines
  bool reads_input = false;  // runs the standard input as a file
  bool edits = false;        // lines come from the host, by the Command "read_line"
};

// A Vm that has been started and not yet run.
[[nodiscard]] std::expected<Vm, std::string> launch(const Engine& engine,
                                                    const ExecOptions& options,
                                                    const Dialogue& dialogue,
                                                    const ForkOptions& fork = {});

// A Vm as it was frozen by another process with the same options.
[[nodiscard]] std::expected<Vm, std::string> thaw(const Engine& engine, const ExecOptions& options,
                                                  std::string_view state,
                                                  const ForkOptions& fork = {});

}  // namespace moonlet::cli
