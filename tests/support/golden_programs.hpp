// Programs that stop where their first line says: what tests/golden/ holds, made anew. Used by the
// unit tests and by moonlet_golden_step.
//
// tests/golden/NAME.lua says in its first line where it stops: "command N" while its Nth Command
// waits, "fuel N" after about N units, "sealed N" in a fork, one Command later, of what was sealed
// at the Nth. Every Command is answered with ten times its place in the sequence.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "examples/types/entity.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet::golden {

// What must not happen with programs that are known.
[[noreturn]] inline void give_up(const std::string& what) {
  std::fprintf(stderr, "golden: %s\n", what.c_str());
  std::exit(2);
}

inline std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) give_up("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Only "objects" has types of the host; functions are part of an image.
inline Engine engine_of(const std::string& name, World& world) {
  if (name != "objects") return *Engine::make();
  world.things[7].name = "seven";
  const HostFunction give{"give", [&world](const HostCall&) { return results(world.give(7)); }};
  return *Engine::make({{"Vec3", new_vec3}, give}, {vec3_type(), entity_type(world)});
}

inline void answer(Vm& vm, const Command& command) {
  const auto number = static_cast<std::int64_t>(command.id.sequence + 1);
  if (auto done = vm.resume(command.id, {Value(number * 10)}); !done) give_up(done.error());
}

// Runs until the Nth Command waits.
inline void run_to_command(Vm& vm, std::uint64_t count) {
  for (std::uint64_t n = 1;; ++n) {
    const Outcome outcome = vm.run();
    const Suspended* suspended = std::get_if<Suspended>(&outcome);
    if (suspended == nullptr) give_up("the program has ended before its place");
    if (n == count) return;
    answer(vm, suspended->command);
  }
}

// How the program ends: its results as JSON, or the error. Nothing: it goes on.
inline std::optional<std::string> end_of(const Outcome& outcome) {
  if (const Failed* failed = error_of(outcome)) return failed->message;
  const Finished* finished = std::get_if<Finished>(&outcome);
  if (finished == nullptr) return std::nullopt;
  const Value values(Value::Array(finished->values.begin(), finished->values.end()));
  return to_json(values, JsonLayout::Indented).value_or("no JSON") + "\n";
}

inline std::string run_to_end(Vm& vm) {
  for (;;) {
    const Outcome outcome = vm.run();
    if (auto end = end_of(outcome)) return *end;
    if (const auto* suspended = std::get_if<Suspended>(&outcome)) answer(vm, suspended->command);
  }
}

struct Frozen {
  std::string image;
  std::string state;
};

// `path`: of the program, without its ending.
inline Frozen make(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::string program = contents_of(path + ".lua");
  std::istringstream words(program);
  std::string word;
  std::string kind;
  std::uint64_t number = 0;
  words >> word >> word >> kind >> number;
  if (word != "golden:") give_up(path + ".lua does not say where it stops");
  ImageOptions options;
  options.sources = {{"golden", program, name + ".lua"}};
  World world;
  const Engine engine = engine_of(name, world);
  Image image = *Image::compile(engine, options);
  ForkOptions fork;
  fork.id = "golden-" + name;
  fork.seed = 1;
  Vm vm = *image.fork(fork);
  if (auto done = vm.start("golden", {"main"}, {}); !done) give_up(done.error());
  if (kind == "fuel") {
    if (!std::holds_alternative<Preempted>(vm.run({.fuel = number}))) give_up("it has ended");
  } else {
    run_to_command(vm, number);
  }
  if (kind == "sealed") {
    image = *vm.seal();
    vm = *image.fork(fork);
    run_to_command(vm, 2);
  }
  return {image.bytes(), *vm.freeze()};
}

}  // namespace moonlet::golden
