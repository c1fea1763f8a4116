// The commands that are described by rows; `exec`, which follows the reference's lua, is not.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_row.hpp"

namespace moonlet::cli {

extern const CommandRow kRunRow;
extern const CommandRow kResumeRow;
extern const CommandRow kTestRow;

// In the order of `moonlet --help`.
std::span<const CommandRow* const> command_rows();
// By name or alias; nullptr: there is none.
const CommandRow* find_command(std::string_view name);

}  // namespace moonlet::cli
