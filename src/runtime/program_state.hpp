// Saved programs: docs/formats/program.md.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "moonlet/value.hpp"

namespace moonlet::runtime {

struct ProgramStateParts {
  std::string vm;                            // what Vm::freeze() gave
  std::optional<std::int64_t> remaining_ns;  // of a sleep, or of a wait with an end
  std::deque<Value> mailbox;
};

// The error: a message cannot be written.
[[nodiscard]] std::expected<std::string, std::string> write_program_state(
    const ProgramStateParts& parts);
[[nodiscard]] std::expected<ProgramStateParts, std::string> read_program_state(
    std::string_view bytes);

}  // namespace moonlet::runtime
