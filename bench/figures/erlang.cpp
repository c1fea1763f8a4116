// The peer of a million forks: Erlang's processes, each of which sleeps.
#include <cstdio>

#include "bench/figures/figures.hpp"

namespace figures {

ErlangTimes time_erlang_spawns(std::size_t count) {
  const std::string program =
      "Before = erlang:memory(processes),"
      "{Time, List} = timer:tc(fun() ->"
      "  [spawn(timer, sleep, [infinity]) || _ <- lists:seq(1, " +
      std::to_string(count) +
      ")]"
      "  end),"
      "timer:sleep(1000),"
      "io:format(\"~p ~p ~p~n\", [Time, erlang:memory(processes) - Before, length(List)]),"
      "halt().";
  const std::string command = "timeout 120 erl -noshell +P " + std::to_string(2 * count + 100'000) +
                              " -eval '" + program + "' 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  double microseconds = 0;
  double bytes = 0;
  double made = 0;
  const int read = std::fscanf(pipe, "%lf %lf %lf", &microseconds, &bytes, &made);
  const int status = pclose(pipe);
  if (read != 3 || status != 0 || made != static_cast<double>(count)) return {};
  return {microseconds / 1e6 / made, bytes / made};
}

}  // namespace figures
