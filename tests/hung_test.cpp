// Functions that hang in every place from which scripts can be called (tests/hung/places.lua): each
// is frozen there, goes on in another process, and ends as if it had never stopped.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/os/subprocess.hpp"

namespace moonlet {
namespace {

namespace os = base::os;

struct Hung {
  const char* place;
  int hangs;             // how often
  const char* expected;  // the results, as JSON
};

constexpr Hung kPlaces[] = {
    {"index", 3, "[610]"},
    {"newindex", 2, "[[10,20]]"},
    {"order", 10, R"([[["lt","not gt"],false,true]])"},
    {"concat", 3, R"([["ab170<d2.5e","x70<>80"]])"},
    {"arithmetic", 5, "[[30,30,40,50,6]]"},
    {"gc", 2, "[[20,10]]"},
    {"close", 5, R"([["left",20,false,"oh",["bnil10","anil10","coh10","dnil10"]]])"},
    {"hook", 4, R"([[2,3,4,5,["call 10","return 20","line 30","count 40"]]])"},
    {"sort", 12, "[[1,2,3,4]]"},
    {"gsub", 3, R"([["a[10] b[20]",2,"90"]])"},
    {"iterator", 5, R"([[0,10,20,"w50","k60"]])"},
    {"pcall_in_coroutine_in_wrap", 2, R"([[11,true,11,false,20,"more"]])"},
    {"handlers", 2, R"([[false,"one handled 10",false,20]])"},
    {"others", 8, R"([["shown 10",20,"30|    4",true,40,"p10,p20",["p10","p20"]]])"},
};

void PrintTo(const Hung& hung, std::ostream* out) { *out << hung.place; }

class HungPlace : public testing::TestWithParam<std::tuple<Hung, std::string>> {};

os::CommandResult one_step(const std::string& place, const std::string& mode,
                           const std::string& state) {
  os::CommandRequest request;
  request.command = std::string("\"" MOONLET_ONE_STEP "\" \"" MOONLET_SOURCE_DIR) +
                    "/tests/hung/places.lua\" " + place + " " + mode + " \"" + state + "\"";
  request.timeout_ms = 60'000;
  return os::run_with_input(request);
}

TEST_P(HungPlace, GoesOnInAnotherProcess) {
  constexpr int kHangs = 3;
  const auto& [hung, mode] = GetParam();
  const std::string state = testing::TempDir() + "hung_" + hung.place + "_" + mode + ".state";
  std::filesystem::remove(state);
  int hangs = 0;
  os::CommandResult result = one_step(hung.place, mode, state);
  for (; result.code == kHangs && hangs < 100; ++hangs) result = one_step(hung.place, mode, state);
  std::filesystem::remove(state);
  ASSERT_EQ(result.kind, os::CommandResult::Kind::Exited);
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output, std::string(hung.expected) + "\n");
  EXPECT_EQ(hangs, hung.hangs);
}

INSTANTIATE_TEST_SUITE_P(
    All, HungPlace, testing::Combine(testing::ValuesIn(kPlaces), testing::Values("invoke", "spin")),
    [](const auto& test) {
      return std::string(std::get<0>(test.param).place) + "_" + std::get<1>(test.param);
    });

}  // namespace
}  // namespace moonlet
