// States and images that were written once: they still thaw, go on to the same end, and are what
// the same programs give today, byte for byte, on every platform.
//
// NAME.image and NAME.state are what NAME.lua gives where it stops (support/golden_programs.hpp),
// NAME.json how it ends. scripts/write_golden.sh writes them anew; CONTRIBUTING.md says when that
// is allowed.
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/golden_programs.hpp"

namespace moonlet {
namespace {

using golden::contents_of;
using golden::Frozen;

std::string path_of(const std::string& name, const char* suffix = "") {
  return std::string(MOONLET_SOURCE_DIR) + "/tests/golden/" + name + suffix;
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
    const Frozen frozen = golden::make(path_of(name));
    write(path_of(name, ".image"), frozen.image);
    write(path_of(name, ".state"), frozen.state);
    World world;
    const Engine engine = golden::engine_of(name, world);
    Vm vm = *Vm::thaw(*Image::load(engine, frozen.image), frozen.state);
    write(path_of(name, ".json"), golden::run_to_end(vm));
  }
};

constexpr char kAdvice[] =
    "If the format or the library was changed on purpose: scripts/write_golden.sh";

TEST_P(Golden, GoesOnToTheSameEnd) {
  const std::string name = GetParam();
  World world;
  const Engine engine = golden::engine_of(name, world);
  const auto image = Image::load(engine, contents_of(path_of(name, ".image")));
  ASSERT_TRUE(image) << image.error() << "\n" << kAdvice;
  auto vm = Vm::thaw(*image, contents_of(path_of(name, ".state")));
  ASSERT_TRUE(vm) << vm.error() << "\n" << kAdvice;
  EXPECT_EQ(golden::run_to_end(*vm), contents_of(path_of(name, ".json")));
}

TEST_P(Golden, IsWhatIsFrozenToday) {
  const std::string name = GetParam();
  const Frozen frozen = golden::make(path_of(name));
  // Not EXPECT_EQ: the bytes say nothing to a reader.
  EXPECT_TRUE(frozen.image == contents_of(path_of(name, ".image"))) << kAdvice;
  EXPECT_TRUE(frozen.state == contents_of(path_of(name, ".state"))) << kAdvice;
}

INSTANTIATE_TEST_SUITE_P(Files, Golden,
                         testing::Values("order", "callbacks", "numbers", "branch", "objects"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace moonlet
