// The figures of forks, frozen states and bounds, measured through the public API alone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "moonlet/moonlet.hpp"

namespace figures {

struct Options {
  std::size_t forks = 1'000'000;    // that are alive at once
  std::size_t interrupts = 10'000;  // for each program that is interrupted
  double seconds = 30;              // that one figure of many forks may take; then it has fewer
  bool peers = true;
  std::string only;  // part of the name of a group; empty: all
};

// A line: what was measured, the figure, and what it is to be compared with.
void print_row(const std::string& what, const std::string& figure, const std::string& remark = {});
[[noreturn]] void fail(const std::string& message);

template <typename T>
T must(std::expected<T, std::string> result) {
  if (!result) fail(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A state of bench/states/, compiled.
struct State {
  moonlet::Engine engine;
  moonlet::Image image;
  std::string name;
};
std::string source_of(const std::string& name);
State compile_state(const std::string& name);
State compile_source(const std::string& name, std::string text);
// A fork in which a handler was called and now waits for its host.
moonlet::Vm suspended_fork(const State& state, const std::string& handler,
                           const std::vector<moonlet::Value>& arguments = {});
// Runs a handler until it finishes or waits.
void start_and_run(moonlet::Vm& vm, const State& state, const std::string& handler,
                   const std::vector<moonlet::Value>& arguments = {});

// Peers. Zero when there is none on this machine.
struct LuaStateTimes {
  double make = 0;  // state, libraries, loading and running the script
  double close = 0;
  double bytes = 0;  // resident, each
};
LuaStateTimes time_lua_states(const std::string& script);
struct ErlangTimes {
  double spawn = 0;
  double bytes = 0;
};
ErlangTimes time_erlang_spawns(std::size_t count);

void print_fork_figures(const Options& options);
void print_population_figures(const Options& options);
void print_freeze_figures(const Options& options);
void print_interrupt_figures(const Options& options);

}  // namespace figures
