// States and images that were written once: they still thaw, go on to the same end, and are what
// the same programs give today, byte for byte, on every platform.
//
// tests/golden/NAME.lua says in its first line where it stops: "command N" while its Nth Command
// waits, "fuel N" after about N units, "sealed N" in a fork, one Command later, of what was sealed
// at the Nth. NAME.image and NAME.state are what it gives there, NAME.json how it ends.
// scripts/write_golden.sh writes them anew; CONTRIBUTING.md says when that is allowed.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "examples/types/entity.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

std::string path_of(const std::string& name, const char* suffix) {
  return std::string(MOONLET_SOURCE_DIR) + "/tests/golden/" + name + suffix;
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Stop {
  std::string kind;
  std::uint64_t number = 0;
};

Stop stop_of(const std::string& program) {
  std::istringstream words(program);
  std::string dashes;
  std::string word;
  Stop stop;
  words >> dashes >> word >> stop.kind >> stop.number;
  EXPECT_EQ(word, "golden:");
  return stop;
}

// Every Command is answered with ten times its place in the sequence.
void answer(Vm& vm, const Command& command) {
  const auto number = static_cast<std::int64_t>(command.id.sequence + 1);
  ASSERT_TRUE(vm.resume(command.id, {Value(number * 10)}));
}

// Runs until the Nth Command waits.
void run_to_command(Vm& vm, std::uint64_t count) {
  for (std::uint64_t n = 1;; ++n) {
    const Outcome outcome = vm.run();
    const Suspended* suspended = std::get_if<Suspended>(&outcome);
    ASSERT_NE(suspended, nullptr);
    if (n == count) return;
    answer(vm, suspended->command);
  }
}

std::string run_to_end(Vm& vm) {
  for (;;) {
    const Outcome outcome = vm.run();
    if (const Suspended* suspended = std::get_if<Suspended>(&outcome)) {
      answer(vm, suspended->command);
      continue;
    }
    if (const Failed* failed = error_of(outcome)) return failed->message;
    const Finished& finished = std::get<Finished>(outcome);
    const Value values(Value::Array(finished.values.begin(), finished.values.end()));
    return to_json(values, JsonLayout::Indented).value_or("no JSON") + "\n";
  }
}

// Only "objects" has types of the host; functions are part of an image.
Engine engine_of(const std::string& name, World& world) {
  if (name != "objects") return *Engine::make();
  world.things[7].name = "seven";
  const HostFunction give{"give", [&world](const HostCall&) { return results(world.give(7)); }};
  return *Engine::make({{"Vec3", new_vec3}, give}, {vec3_type(), entity_type(world)});
}

struct Frozen {
  std::string image;
  std::string state;
};

Frozen make(const std::string& name) {
  const std::string program = contents_of(path_of(name, ".lua"));
  const Stop stop = stop_of(program);
  ImageOptions options;
  options.sources = {{"golden", program, name + ".lua"}};
  World world;
  const Engine engine = engine_of(name, world);
  Image image = *Image::compile(engine, options);
  ForkOptions fork;
  fork.id = "golden-" + name;
  fork.seed = 1;
  Vm vm = *image.fork(fork);
  EXPECT_TRUE(vm.start("golden", {"main"}, {}));
  if (stop.kind == "fuel") {
    EXPECT_TRUE(std::holds_alternative<Preempted>(vm.run({.fuel = stop.number})));
  } else {
    run_to_command(vm, stop.number);
  }
  if (stop.kind == "sealed") {
    image = *vm.seal();
    vm = *image.fork(fork);
    run_to_command(vm, 2);
  }
  return {image.bytes(), *vm.freeze()};
}

bool writes() { return std::getenv("MOONLET_WRITE_GOLDEN") != nullptr; }

void write(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

class Golden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    if (!writes()) return;
    const Frozen frozen = make(name);
    write(path_of(name, ".image"), frozen.image);
    write(path_of(name, ".state"), frozen.state);
    World world;
    const Engine engine = engine_of(name, world);
    Vm vm = *Vm::thaw(*Image::load(engine, frozen.image), frozen.state);
    write(path_of(name, ".json"), run_to_end(vm));
  }
};

constexpr char kAdvice[] =
    "If the format or the library was changed on purpose: scripts/write_golden.sh";

TEST_P(Golden, GoesOnToTheSameEnd) {
  const std::string name = GetParam();
  World world;
  const Engine engine = engine_of(name, world);
  const auto image = Image::load(engine, contents_of(path_of(name, ".image")));
  ASSERT_TRUE(image) << image.error() << "\n" << kAdvice;
  auto vm = Vm::thaw(*image, contents_of(path_of(name, ".state")));
  ASSERT_TRUE(vm) << vm.error() << "\n" << kAdvice;
  EXPECT_EQ(run_to_end(*vm), contents_of(path_of(name, ".json")));
}

TEST_P(Golden, IsWhatIsFrozenToday) {
  const std::string name = GetParam();
  const Frozen frozen = make(name);
  // Not EXPECT_EQ: the bytes say nothing to a reader.
  EXPECT_TRUE(frozen.image == contents_of(path_of(name, ".image"))) << kAdvice;
  EXPECT_TRUE(frozen.state == contents_of(path_of(name, ".state"))) << kAdvice;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden,
                         testing::Values("order", "callbacks", "numbers", "branch", "objects"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace moonlet
