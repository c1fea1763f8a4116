// The process's environment, and other programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/os/file.hpp"

namespace moonlet::base::os {

std::optional<std::string> environment_variable(const std::string& name);

// How a program ended.
struct ExitStatus {
  enum class Kind : std::uint8_t { Exited, Signaled, NotStarted };
  Kind kind;
  int code;  // exit code, signal, or error number
};

// Runs a command line in the system's shell and waits for its end.
ExitStatus run_command(const std::string& command);
bool has_shell();

// A command line whose output is read, or whose input is written, through a descriptor.
enum class PipeDirection : std::uint8_t { FromCommand, ToCommand };
struct Pipe {
  Descriptor descriptor;
  std::int64_t process;
};
[[nodiscard]] Result<Pipe> open_pipe(const std::string& command, PipeDirection direction);
// Closes the descriptor and waits for the program's end.
ExitStatus close_pipe(const Pipe& pipe);

}  // namespace moonlet::base::os
