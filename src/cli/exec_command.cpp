#include <cstdio>

#include "base/os/hand_over.hpp"
#include "cli/commands.hpp"
#include "cli/exec_options.hpp"
#include "cli/exec_session.hpp"
#include "cli/exec_sweep.hpp"
#include "cli/exec_trips.hpp"

namespace moonlet::cli {

namespace os = base::os;

namespace {

int refuse(const ExecOptions& options) {
  const char* program = options.program.c_str();
  if (!options.problem.empty()) {
    std::fprintf(stderr, "%s: %s; see %s exec --help\n", program, options.problem.c_str(), program);
    return 1;
  }
  const std::string& bad = options.bad_option;
  const bool lacks_text = bad[1] == 'e' || bad[1] == 'l';
  std::fprintf(stderr, "%s: %s\n%s", program,
               lacks_text ? ("'" + bad + "' needs argument").c_str()
                          : ("unrecognized option '" + bad + "'").c_str(),
               exec_usage(options.program).c_str());
  return 1;
}

}  // namespace

int exec_command(const std::vector<std::string>& words, std::size_t first) {
  const ExecOptions options = parse_exec(words, first);
  if (!options.bad_option.empty()) return refuse(options);
  if (options.shows_help) {
    std::printf("%s%s", exec_usage(options.program + " exec").c_str(), exec_help().c_str());
    return 0;
  }
  if (options.sweep_work > 0) return sweep(options);
  return options.trips_to_processes ? run_in_processes(options) : run_session(options);
}

int exec_in_next_process(const std::vector<std::string>& words, std::size_t first) {
  const auto given = os::receive_hand_over();
  auto luggage = given ? unpack(*given) : std::nullopt;
  if (!luggage) {
    std::fprintf(stderr, "%s: %s is for the program's own use\n", words[0].c_str(),
                 std::string(kNextProcess).c_str());
    return 1;
  }
  run_session(parse_exec(words, first), *luggage);
  const int error = os::leave_hand_over(pack(*luggage));
  if (error == 0) return 0;
  std::fprintf(stderr, "%s: the state cannot be handed over: %s\n", words[0].c_str(),
               os::error_text(error).c_str());
  return 1;
}

}  // namespace moonlet::cli
