// Very many forks that are alive at once, in memory that was never used before.
#include "bench/figures/figures.hpp"
#include "bench/figures/timing.hpp"

namespace figures {

using moonlet::Vm;

namespace {

// How many forks there can be, going by the first few: by time and by memory.
std::size_t affordable(const State& state, const Options& options) {
  constexpr std::size_t kProbe = 2000;
  std::vector<Vm> forks;
  forks.reserve(kProbe);
  const std::size_t before = resident_bytes();
  const auto start = Clock::now();
  for (std::size_t i = 0; i < kProbe; ++i) forks.push_back(must(state.image.fork()));
  const double each = seconds_since(start) / kProbe;
  const double bytes = static_cast<double>(resident_bytes() - before) / kProbe;
  // An event makes a fork grow.
  const double by_memory = static_cast<double>(available_bytes()) / 3 / std::max(bytes, 1.0);
  const double by_time = options.seconds / each;
  const double count = std::min({static_cast<double>(options.forks), by_memory, by_time});
  return std::max<std::size_t>(1000, static_cast<std::size_t>(count));
}

}  // namespace

void print_population_figures(const Options& options) {
  const State small = compile_state("small");
  const std::size_t count = affordable(small, options);
  const std::string many = std::to_string(count) + " live forks of small";
  if (count < options.forks) {
    print_row("(" + std::to_string(options.forks) + " forks were asked for)", std::to_string(count),
              "what time (--seconds) and memory allow");
  }

  std::vector<Vm> forks;
  forks.reserve(count);
  const std::size_t before = resident_bytes();
  auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) forks.push_back(must(small.image.fork()));
  const double each = seconds_since(start) / static_cast<double>(count);
  const double bytes = static_cast<double>(resident_bytes() - before) / static_cast<double>(count);
  print_row("fork, one of " + many + ", cold memory", show_time(each));
  print_row("resident bytes of an idle fork, of " + many, show_bytes(bytes),
            "at rest; the handle's " + std::to_string(sizeof(Vm)) + " not counted");

  // A host with that many lets each rest after its event.
  const auto row = [&](const char* what, double seconds) {
    print_row(what + many, show_time(seconds),
              show_time(seconds / static_cast<double>(count)) + " each; then " +
                  show_bytes(static_cast<double>(resident_bytes())) + " resident in all");
  };
  start = Clock::now();
  for (Vm& vm : forks) {
    start_and_run(vm, small, "touch", {"somebody"});
    must(vm.rest());
  }
  row("one event, then rest, for each of ", seconds_since(start));

  start = Clock::now();
  for (Vm& vm : forks) (void)vm.usage();
  row("waking each of ", seconds_since(start));

  start = Clock::now();
  forks.clear();
  print_row("destroying them", show_time(seconds_since(start) / static_cast<double>(count)));

  if (options.peers) {
    const ErlangTimes erlang = time_erlang_spawns(count);
    if (erlang.spawn > 0) {
      char relation[64];
      std::snprintf(relation, sizeof relation, "%s each; a fork takes %.2f of it",
                    show_bytes(erlang.bytes).c_str(), each / erlang.spawn);
      print_row("  Erlang: spawn of as many processes", show_time(erlang.spawn), relation);
    } else {
      print_row("  Erlang: spawn", "-", "erl is not installed, or failed");
    }
  }
}

}  // namespace figures
