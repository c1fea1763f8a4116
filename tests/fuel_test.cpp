// docs/fuel.md is true: what its last table says that expressions cost is what they cost, at once,
// stopped at every safepoint, and frozen there.
#include <fstream>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

struct Row {
  std::string expression;
  std::uint64_t units;
};

std::vector<Row> rows() {
  std::ifstream file(MOONLET_SOURCE_DIR "/docs/fuel.md");
  std::vector<Row> found;
  const std::regex row(R"(^\| `(.*)` \| ([0-9,]+) \|$)");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    std::string digits = match[2];
    std::erase(digits, ',');
    found.push_back({match[1], std::stoull(digits)});
  }
  return found;
}

Image image_of(const std::string& expression) {
  static const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {
      {"m",
       "local s, t, k = string.rep('a', 160000), {}, {} local s2 = string.rep('a', 160000) "
       "for n = 1, 10000 do t[n] = n end for n = 1, 100 do k['k' .. n] = n end "
       "return {main = function() local _ = " +
           expression + " end}",
       "m.lua"}};
  auto made = Image::compile(engine, options);
  EXPECT_TRUE(made.has_value()) << expression << ": " << made.error();
  return *made;
}

template <class Between>
std::uint64_t cost(const Image& image, std::uint64_t trip_every, Between between) {
  Vm vm = *image.fork();
  EXPECT_TRUE(vm.start("m", {"main"}, {}).has_value());
  const std::uint64_t before = vm.usage().fuel;
  RunOptions options;
  options.trip_every = trip_every;
  Outcome outcome = vm.run(options);
  while (std::holds_alternative<Preempted>(outcome)) {
    between(vm);
    outcome = vm.run(options);
  }
  const auto* failed = std::get_if<Failed>(&outcome);
  EXPECT_TRUE(std::holds_alternative<Finished>(outcome)) << (failed ? failed->message : "");
  return vm.usage().fuel - before;
}

TEST(Fuel, IsWhatTheDocumentSays) {
  const std::vector<Row> all = rows();
  ASSERT_GE(all.size(), 20u);
  std::string corrected;
  for (const Row& row : all) {
    const Image image = image_of(row.expression);
    const std::uint64_t units = cost(image, 0, [](Vm&) {});
    if (units != row.units) {
      corrected += "| `" + row.expression + "` | " + std::to_string(units) + " |\n";
    }
    EXPECT_EQ(cost(image, 1, [](Vm&) {}), units) << row.expression;
    EXPECT_EQ(cost(image, 3, [&](Vm& vm) { vm = *Vm::thaw(image, *vm.freeze()); }), units)
        << row.expression;
  }
  EXPECT_EQ(corrected, "");
}

}  // namespace
}  // namespace moonlet
