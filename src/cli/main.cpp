// The moonlet program: finds the command and hands over.
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"
#include "cli/exec_trips.hpp"
#include "moonlet/version.hpp"

namespace {

constexpr char kHelp[] =
    "usage: moonlet COMMAND ...\n"
    "\n"
    "  exec [options] [script [args]]     run a Lua program, or talk to Lua\n"
    "  run PROJECT HANDLER [INPUT] ...    call a handler of a project\n"
    "  resume PROJECT --state PATH ...    go on with one that was dehydrated\n"
    "\n"
    "`moonlet COMMAND --help` says more. Anything else is taken as what follows `exec`.\n";

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
  if (command == "run") return moonlet::cli::run_command(words, 2);
  if (command == "resume") return moonlet::cli::resume_command(words, 2);
  if (command == "--help" || command == "help") {
    std::fputs(kHelp, stdout);
    return 0;
  }
  if (command == "--version") {
    std::printf("moonlet %s\n", moonlet::kVersion);
    return 0;
  }
  return moonlet::cli::exec_command(words, 1);
}
