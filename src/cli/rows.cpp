#include "cli/rows.hpp"

namespace moonlet::cli {

std::span<const CommandRow* const> command_rows() {
  static const CommandRow* const kRows[] = {
      &kNewRow,   &kRunRow,    &kResumeRow, &kTestRow,    &kWatchRow,  &kValidateRow,
      &kCheckRow, &kConfigRow, &kListRow,   &kInspectRow, &kAttachRow, &kCompletionRow};
  return kRows;
}

const CommandRow* find_command(std::string_view name) {
  for (const CommandRow* row : command_rows()) {
    if (row->name == name || (!row->alias.empty() && row->alias == name)) return row;
  }
  return nullptr;
}

}  // namespace moonlet::cli
