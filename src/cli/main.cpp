// The moonlet program: finds the command and hands over.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exec_trips.hpp"
#include "cli/rows.hpp"
#include "moonlet/version.hpp"
#include "project/nearest_name.hpp"

namespace {

std::string usage_line(const moonlet::cli::CommandRow& row) {
  return "  " + std::string(row.name) + " " + moonlet::cli::usage_of(row) +
         (row.options.empty() ? "" : " ...");
}

std::string help() {
  const std::string exec = "  exec [options] [script [args]]";
  std::size_t column = exec.size();
  for (const moonlet::cli::CommandRow* row : moonlet::cli::command_rows()) {
    column = std::max(column, usage_line(*row).size());
  }
  const auto line = [column](std::string text, std::string_view summary) {
    text.resize(column + 3, ' ');
    return text + std::string(summary) + "\n";
  };
  std::string text =
      "usage: moonlet COMMAND ...\n\n" + line(exec, "run a Lua program, or talk to Lua");
  for (const moonlet::cli::CommandRow* row : moonlet::cli::command_rows()) {
    text += line(usage_line(*row), row->summary);
  }
  return text +
         "\n`moonlet COMMAND --help` says more. Anything else is taken as what follows `exec`.\n";
}

// A word that is neither a command nor a script, but nearly a command; else empty.
std::string nearly_a_command(const std::string& word) {
  if (word.empty() || word.find_first_of("-./") != std::string::npos) return {};
  std::error_code error;
  if (std::filesystem::exists(word, error)) return {};
  std::vector<std::string> names = {"exec"};
  for (const moonlet::cli::CommandRow* row : moonlet::cli::command_rows()) {
    names.emplace_back(row->name);
  }
  return moonlet::project::nearest_name(word, names);
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
  if (command == "help" && words.size() == 3) {
    if (const auto* row = moonlet::cli::find_command(words[2])) {
      return moonlet::cli::run_row(*row, {"moonlet", words[2], "--help"}, 2);
    }
  }
  if (command == "--help" || command == "help") {
    std::fputs(help().c_str(), stdout);
    return 0;
  }
  if (command == "--version") {
    std::printf("moonlet %s\n", moonlet::kVersion);
    return 0;
  }
  if (words.size() > 1) {
    if (const std::string meant = nearly_a_command(words[1]); !meant.empty()) {
      return moonlet::cli::refuse("there is no command and no script " + words[1] +
                                  "; did you mean " + meant + "?");
    }
  }
  return moonlet::cli::exec_command(words, 1);
}
