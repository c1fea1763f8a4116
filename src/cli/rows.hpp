// The commands that are described by rows; `exec`, which follows the reference's lua, is not.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cli/command_row.hpp"

namespace moonlet::cli {

extern const CommandRow kAttachRow;
extern const CommandRow kCheckRow;
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

// Scenarios that have passed, by name, each with all that it depends on: scripts, configuration,
// and its part of the project.
using PassedScenarios = std::map<std::string, std::string>;
// The same, but those that are in `passed` and depend on nothing that is different now are left
// out. What passes is added, what fails is taken away.
int run_affected_tests(const Arguments& arguments, PassedScenarios& passed);

}  // namespace moonlet::cli
