// States as bytes: writing and reading them, against copying as many bytes.
#include <cstring>
#include <memory>

#include "bench/figures/figures.hpp"
#include "bench/figures/timing.hpp"

namespace figures {

using moonlet::Vm;

namespace {

struct FreezeTimes {
  std::size_t bytes = 0;
  Timing freeze;
  Timing thaw;
};

FreezeTimes time_freezes(const State& state, Vm& vm) {
  FreezeTimes times;
  const std::string frozen = must(vm.freeze());
  times.bytes = frozen.size();
  times.freeze = time_batches([&](std::size_t count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) static_cast<void>(must(vm.freeze()));
    return seconds_since(start);
  });
  times.thaw = time_batches([&](std::size_t count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      static_cast<void>(must(Vm::thaw(state.image, frozen)));
    }
    return seconds_since(start);
  });
  if (must(must(Vm::thaw(state.image, frozen)).freeze()) != frozen) {
    fail("a thawed " + state.name + " is frozen to other bytes");
  }
  return times;
}

void print(const std::string& name, const FreezeTimes& times) {
  const auto rate = [&](const Timing& timing) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f MB/s",
                  static_cast<double>(times.bytes) / timing.median / 1e6);
    return std::string(text);
  };
  print_row("freeze of " + name, show_time(times.freeze.median),
            show_bytes(static_cast<double>(times.bytes)) + ", " + rate(times.freeze));
  print_row("thaw of " + name + ", destroying included", show_time(times.thaw.median),
            rate(times.thaw));
}

// Allocating and copying, in memory that malloc takes from the system anew or uses again.
Timing time_copies(std::size_t bytes) {
  const auto source = std::make_unique<char[]>(bytes);
  std::memset(source.get(), 1, bytes);
  volatile char sink = 0;
  return time_batches([&](std::size_t count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      const std::unique_ptr<char[]> copy(new char[bytes]);
      std::memcpy(copy.get(), source.get(), bytes);
      sink = copy[bytes / 2];
    }
    return seconds_since(start);
  });
}

std::string times_of(const Timing& timing, const Timing& copy) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f times the copy", timing.median / copy.median);
  return text;
}

}  // namespace

void print_freeze_figures(const Options&) {
  const State small = compile_state("small");
  Vm waiting = suspended_fork(small, "touch", {"somebody"});
  print("small in mid-call", time_freezes(small, waiting));

  const State numbers = compile_state("numbers");
  Vm list = suspended_fork(numbers, "build");
  const FreezeTimes times = time_freezes(numbers, list);
  const Timing copy = time_copies(1'600'000);
  print("numbers", times);
  print_row("  allocating and copying 1.6 MB", show_time(copy.median),
            "freeze: " + times_of(times.freeze, copy) + ", thaw: " + times_of(times.thaw, copy));

  const State records = compile_state("records");
  Vm table = suspended_fork(records, "build");
  print("records", time_freezes(records, table));
}

}  // namespace figures
