// Forks whose memory is used again: what a host pays that makes and drops them all the time.
#include "bench/figures/figures.hpp"
#include "bench/figures/timing.hpp"

namespace figures {

using moonlet::Vm;

namespace {

struct ForkTimes {
  Timing fork;
  Timing destroy;
};

// Times forks by make() in batches that are destroyed before the next begins.
template <typename Make>
ForkTimes time_forks(Make make, std::size_t count_max) {
  std::vector<Vm> forks;
  std::vector<double> destroying;
  ForkTimes times;
  times.fork = time_batches(
      [&](std::size_t count) {
        forks.reserve(count);
        const auto start = Clock::now();
        for (std::size_t i = 0; i < count; ++i) forks.push_back(make());
        const double seconds = seconds_since(start);
        const auto end = Clock::now();
        forks.clear();
        destroying.push_back(seconds_since(end) / static_cast<double>(count));
        return seconds;
      },
      count_max);
  times.destroy = summarise(destroying);
  return times;
}

// The same, one at a time: always the memory that the one before gave back.
template <typename Use>
Timing time_one_by_one(const State& state, Use use) {
  return time_batches([&](std::size_t count) {
    const auto start = Clock::now();
    for (std::size_t i = 0; i < count; ++i) {
      Vm vm = must(state.image.fork());
      use(vm);
    }
    return seconds_since(start);
  });
}

// What a game pays that keeps each frame and now and then goes back.
void print_rollback(const std::string& name, Vm& vm) {
  const auto time = [](auto one) {
    return show_time(time_batches([&](std::size_t count) {
                       const auto start = Clock::now();
                       for (std::size_t i = 0; i < count; ++i) one();
                       return seconds_since(start);
                     }).median);
  };
  print_row("snapshot of a suspended " + name, time([&] { (void)must(vm.snapshot()); }));
  const moonlet::Snapshot kept = must(vm.snapshot());
  print_row("  restore, ready to run", time([&] { must(vm.restore(kept)); }),
            show_bytes(static_cast<double>(kept.size_bytes())) + " each");
}

// To a newer image and back, idle.
void print_upgrade(const std::string& name, const std::string& source, const std::string& handler) {
  const State older = compile_source(name, source);
  moonlet::ImageOptions options;
  options.sources.push_back({name, "\n" + source, {}});
  const moonlet::Image newer = must(moonlet::Image::compile(older.engine, options));
  Vm vm = must(older.image.fork());
  start_and_run(vm, older, handler);
  bool is_newer = false;
  const auto upgrade = [&] {
    is_newer = !is_newer;
    if (!vm.upgrade(is_newer ? newer : older.image)) fail("an upgrade is refused");
  };
  print_row("upgrade of an idle " + name, show_time(time_batches([&](std::size_t count) {
                                                      const auto start = Clock::now();
                                                      for (std::size_t i = 0; i < count; ++i)
                                                        upgrade();
                                                      return seconds_since(start);
                                                    }).median));
}

std::string destroyed_in(const ForkTimes& times) {
  return "destroyed in " + show_time(times.destroy.median);
}

}  // namespace

void print_fork_figures(const Options& options) {
  const State small = compile_state("small");
  const ForkTimes forks = time_forks([&] { return must(small.image.fork()); }, 1000);
  print_row("fork of small, recycled memory", show_time(forks.fork.median), destroyed_in(forks));

  if (options.peers) {
    const LuaStateTimes lua = time_lua_states(source_of("small"));
    if (lua.make > 0) {
      char relation[80];
      std::snprintf(relation, sizeof relation, "%s resident each; a fork takes 1/%.3g of it",
                    show_bytes(lua.bytes).c_str(), lua.make / forks.fork.median);
      print_row("  fresh lua_State with libraries and the script", show_time(lua.make), relation);
    } else {
      print_row("  fresh lua_State", "-", "built without liblua5.4-dev");
    }
  }

  print_row("fork + destroy", show_time(time_one_by_one(small, [](Vm&) {}).median),
            "at rest all the time");
  print_row("fork + wake + destroy",
            show_time(time_one_by_one(small, [](Vm& vm) { (void)vm.usage(); }).median),
            "the template is copied, nothing runs");
  const Timing writes = time_one_by_one(small, [&](Vm& vm) { start_and_run(vm, small, "write"); });
  print_row("fork + first write to each of its tables + destroy", show_time(writes.median),
            "as a call of a handler");

  Vm waiting = suspended_fork(small, "touch", {"somebody"});
  print_row("fork of a suspended small + wake + destroy",
            show_time(time_batches([&](std::size_t count) {
                        const auto start = Clock::now();
                        for (std::size_t i = 0; i < count; ++i) {
                          Vm vm = must(waiting.fork());
                          (void)vm.usage();
                        }
                        return seconds_since(start);
                      }).median));
  const ForkTimes branches = time_forks([&] { return must(waiting.fork()); }, 1000);
  print_row("fork of a suspended small", show_time(branches.fork.median), destroyed_in(branches));
  print_rollback("small", waiting);

  const State records = compile_state("records");
  Vm large = suspended_fork(records, "build");
  const ForkTimes copies = time_forks([&] { return must(large.fork()); }, 4);
  print_row("fork of a suspended records", show_time(copies.fork.median), destroyed_in(copies));
  print_rollback("records", large);

  print_upgrade("small", source_of("small"), "write");
  print_upgrade("100,000 records",
                "return {handlers = {build = function() list = {} for i = 1, 100000 do "
                "list[i] = {id = i, name = 'thing' .. i} end end}}",
                "build");
}

}  // namespace figures
