// For tests: runs Lua programs under conditions that must not change what they do.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "api/engine.hpp"
#include "gtest/gtest.h"
#include "image/state.hpp"
#include "vm/call.hpp"
#include "vm/launch.hpp"
#include "vm/loader.hpp"

namespace moonlet::stdlib {

// A host whose time stands still.
class ScriptHost : public vm::Host {
 public:
  void write(std::string_view text) override { output += text; }
  void warn(std::string_view text, bool) override { output += text; }
  std::int64_t time_seconds() override { return 1'000'000'000; }
  double clock_seconds() override { return 1.5; }
  std::uint64_t entropy() override { return 42; }
  bool read_file(std::string_view, std::string&, std::string& message) override {
    message = "no files here";
    return false;
  }

  std::string output;
};

enum class ScriptMode : std::uint8_t {
  Plain,
  Stopping,    // stops at every safepoint
  Moving,      // frozen, dropped and thawed at some safepoints
  Collecting,  // collects in full at every checkpoint
  Failing,     // one allocation fails, the first time
};

inline const api::Engine& script_engine() {
  static const std::unique_ptr<api::Engine> engine = [] {
    auto made = api::Engine::make();
    EXPECT_TRUE(made) << made.error();
    return made ? std::move(*made) : nullptr;
  }();
  return *engine;
}

// Freezes, drops and thaws; "" or what went wrong.
inline std::string move_script(ScriptHost& host, std::unique_ptr<vm::Vm>& machine) {
  const api::Engine& engine = script_engine();
  const auto state =
      image::freeze(*machine, engine.base_objects(), nullptr, {.carry_handles = true});
  if (!state) return state.error().message;
  auto next = engine.bare_vm(host, machine->dialect);
  if (auto done = image::thaw(*next, engine.base_objects(), nullptr, state->bytes()); !done)
    return done.error();
  next->files = std::move(machine->files);
  next->trip_every = machine->trip_every;
  machine = std::move(next);
  vm::refill_fuel(*machine);
  return "";
}

struct ScriptRun {
  std::string error;  // "" when the program ended well
  std::uint64_t stops = 0;
  std::uint64_t allocations = 0;
};

// Runs a program to its end. Stopping, Moving: at every `n`-th safepoint. Failing: allocation `n`.
inline ScriptRun run_script_in(std::string_view source, ScriptMode mode, std::uint64_t n) {
  ScriptHost host;
  auto made = script_engine().new_vm(host, {});
  if (!made) return {made.error()};
  std::unique_ptr<vm::Vm>& machine = *made;
  machine->heap.stress_collect = mode == ScriptMode::Collecting;
  if (mode == ScriptMode::Moving || mode == ScriptMode::Stopping) machine->trip_every = n;
  auto chunk = api::compile_script(machine->dialect, source, "=script");
  if (!chunk) return {chunk.error()};
  vm::Proto* proto = vm::load_chunk(*machine, *std::move(chunk), vm::ProtoOrigin::Script);
  const vm::Value globals = vm::Value::from(machine->heap.globals);
  vm::Closure* main = vm::new_main_closure(*machine, proto, globals);
  const vm::Value is_failing = vm::Value::boolean(mode == ScriptMode::Failing);
  if (!vm::start_main(*machine, vm::Value::from(main), {&is_failing, 1})) return {"not started"};
  if (mode == ScriptMode::Failing) {
    machine->heap.fail_countdown = static_cast<std::int64_t>(n);
  }
  const std::uint64_t before = machine->heap.allocation_count;
  ScriptRun run;
  for (;; ++run.stops) {
    vm::run(*machine);
    if (machine->outcome != vm::Outcome::Preempted) break;
    if (mode != ScriptMode::Moving) continue;
    run.error = move_script(host, machine);
    if (!run.error.empty()) return run;
  }
  run.allocations = machine->heap.allocation_count - before;
  if (machine->outcome == vm::Outcome::Exit) {
    run.error = "exit " + std::to_string(machine->exit_code);
  } else if (machine->outcome != vm::Outcome::Finished) {
    run.error = vm::basic_text(*machine, machine->heap.error);
  }
  return run;
}

inline std::string run_script(std::string_view source) {
  return run_script_in(source, ScriptMode::Plain, 0).error;
}

// What scripts of these tests begin with.
inline constexpr std::string_view kScriptPrelude = R"lua(
-- The text of an error may be what there was no memory for.
local is_failing = ...
local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok, "no error")
  if is_failing and text == "not enough memory" then return end
  if not string.find(text, message, 1, true) then
    error("'" .. message .. "' expected in: " .. tostring(text), 2)
  end
end
local function same(a, b)
  if is_failing and a == "not enough memory" then return end
  if a ~= b or math.type(a) ~= math.type(b) then
    error(tostring(a) .. " is not " .. tostring(b), 2)
  end
end
local function list(...) return table.concat({...}, " ") end
)lua";

inline void expect_runs(std::string_view body) {
  // A move costs as much as the program is large; this many are enough to meet every kind of stop.
  constexpr std::uint64_t kMoves = 150;
  const std::string source = std::string(kScriptPrelude) + std::string(body);
  const ScriptRun plain = run_script_in(source, ScriptMode::Plain, 0);
  EXPECT_EQ(plain.error, "") << "plain";
  const ScriptRun stopping = run_script_in(source, ScriptMode::Stopping, 1);
  EXPECT_EQ(stopping.error, "") << "stopping at every safepoint";
  const std::uint64_t every = stopping.stops / kMoves + 1;
  EXPECT_EQ(run_script_in(source, ScriptMode::Moving, every).error, "") << "moved every " << every;
  EXPECT_EQ(run_script_in(source, ScriptMode::Collecting, 0).error, "")
      << "collecting at every checkpoint";
  for (std::uint64_t n = 0; n < plain.allocations; n += plain.allocations / kMoves + 1) {
    const std::string error = run_script_in(source, ScriptMode::Failing, n).error;
    EXPECT_EQ(error, "") << "allocation " << n << " of " << plain.allocations << " fails";
    if (!error.empty()) break;
  }
}

}  // namespace moonlet::stdlib
