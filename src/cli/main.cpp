// The moonlet program: finds the command and hands over.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exec_trips.hpp"
#include "cli/rows.hpp"
#include "moonlet/version.hpp"

namespace {

constexpr std::size_t kSummaryColumn = 37;

std::string help() {
  std::string text =
      "usage: moonlet COMMAND ...\n\n"
      "  exec [options] [script [args]]     run a Lua program, or talk to Lua\n";
  for (const moonlet::cli::CommandRow* row : moonlet::cli::command_rows()) {
    std::string line = "  " + std::string(row->name) + " " + moonlet::cli::usage_of(*row);
    if (!row->options.empty()) line += " ...";
    line.resize(std::max(line.size() + 1, kSummaryColumn), ' ');
    text += line + std::string(row->summary) + "\n";
  }
  return text +
         "\n`moonlet COMMAND --help` says more. Anything else is taken as what follows `exec`.\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  const std::string_view command = words.size() > 1 ? words[1] : std::string_view();
  if (command == moonlet::cli::kNextProcess && words.size() > 2) {
    words.erase(words.begin(), words.begin() + 2);
    return moonlet::cli::exec_in_next_process(words,
                                              words.size() > 1 && words[1] == "exec" ? 2 : 1);
  }
  if (command == "exec") return moonlet::cli::exec_command(words, 2);
  if (const auto* row = moonlet::cli::find_command(command)) {
    return moonlet::cli::run_row(*row, words, 2);
  }
  if (command == "--help" || command == "help") {
    std::fputs(help().c_str(), stdout);
    return 0;
  }
  if (command == "--version") {
    std::printf("moonlet %s\n", moonlet::kVersion);
    return 0;
  }
  return moonlet::cli::exec_command(words, 1);
}
