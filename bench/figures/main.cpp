// Prints what forks, frozen states and interrupts cost here and now, with peers in the same run.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/figures/figures.hpp"

namespace {

constexpr char kUsage[] =
    "usage: moonlet_figures [--only forks|population|freezes|interrupts] [--forks N]\n"
    "                       [--interrupts N] [--seconds S] [--no-peers]\n";

struct Group {
  const char* name;
  void (*print)(const figures::Options&);
};

constexpr Group kGroups[] = {
    {"forks", figures::print_fork_figures},
    {"population", figures::print_population_figures},
    {"freezes", figures::print_freeze_figures},
    {"interrupts", figures::print_interrupt_figures},
};

figures::Options parse(int argc, char** argv) {
  figures::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--no-peers") {
      options.peers = false;
      continue;
    }
    const char* value = i + 1 < argc ? argv[++i] : nullptr;
    if (value != nullptr && name == "--only") {
      options.only = value;
    } else if (value != nullptr && name == "--forks") {
      options.forks = std::strtoull(value, nullptr, 10);
    } else if (value != nullptr && name == "--interrupts") {
      options.interrupts = std::strtoull(value, nullptr, 10);
    } else if (value != nullptr && name == "--seconds") {
      options.seconds = std::strtod(value, nullptr);
    } else {
      std::fputs(kUsage, name == "--help" ? stdout : stderr);
      std::exit(name == "--help" ? 0 : 2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const figures::Options options = parse(argc, argv);
  bool found = false;
  for (const Group& group : kGroups) {
    if (std::string_view(group.name).find(options.only) == std::string_view::npos) continue;
    found = true;
    group.print(options);
  }
  if (!found) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  return 0;
}
