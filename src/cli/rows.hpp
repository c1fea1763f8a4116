// The commands that are described by rows; `exec`, which follows the reference's lua, is not.
#pragma once

#include <span>
#include <string_view>

#include "cli/command_row.hpp"

namespace moonlet::cli {

extern const CommandRow kCompletionRow;
extern const CommandRow kConfigRow;
extern const CommandRow kInspectRow;
extern const CommandRow kListRow;
extern const CommandRow kNewRow;
extern const CommandRow kResumeRow;
extern const CommandRow kRunRow;
extern const CommandRow kTestRow;
extern const CommandRow kValidateRow;
extern const CommandRow kWatchRow;

// In the order of `moonlet --help`.
std::span<const CommandRow* const> command_rows();
// By name or alias; nullptr: there is none.
const CommandRow* find_command(std::string_view name);

// What `moonlet test` does with its arguments.
int run_tests(const Arguments& arguments);

}  // namespace moonlet::cli
