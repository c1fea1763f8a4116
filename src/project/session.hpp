// Runs a handler of a project and fulfils what it asks for, until it ends or is to be frozen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "moonlet/moonlet.hpp"
#include "project/project.hpp"

namespace moonlet::project {

// Standard output is for results, so what scripts print goes to standard error.
class ScriptHost final : public Host {
 public:
  void write(std::string_view text) override;
  void flush() override {}
  bool uses_utc() override { return true; }
};

// Why a session stopped.
enum class SessionEnd : std::uint8_t {
  Finished,  // `result`
  Failed,    // `message`, several lines
  Frozen,    // after as many host calls as were asked for; the answer of the last one is in the Vm
  Waiting,   // for somebody else's answer to Vm::pending()
};

struct SessionReport {
  SessionEnd end = SessionEnd::Failed;
  Value result;
  std::string message;
};

// Calls of host functions are answered as the project says. `calls_max`: stop after that many.
[[nodiscard]] SessionReport run_session(const Project& project, Vm& vm,
                                        std::optional<std::uint64_t> calls_max);

}  // namespace moonlet::project
