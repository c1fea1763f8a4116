// Tables that grow in pieces (heap/table_growth.hpp) while the host stops them, looks elsewhere,
// raises errors, freezes them: what they cost and hold is the same.
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// Straight code, so that most safepoints are those of growth. 5,000 elements, 4,000 other keys.
constexpr const char* kBody =
    "local t, d, n = {}, {}, 0 "
    "for _ = 1, 25 do ELEMENTS end "
    "n = 0 for _ = 1, 40 do ENTRIES end "
    "local sum = #table.concat(t) "
    "for k = 1, 4000, 100 do sum = sum * 7 % 1000003 + d[k + 0.5] + next(d, k - 0.5 + 1) end "
    "for n = 1, 25 do CLEARING end "
    "return sum, #t, next(t), next(d)";

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int n = 0; n < times; ++n) all += text;
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

Image image() {
  static const Engine engine = *Engine::make();
  std::string body = replaced(kBody, "ELEMENTS", repeated("n = n + 1 t[n] = n ", 200));
  body = replaced(body, "ENTRIES", repeated("n = n + 1 d[n + 0.5] = n ", 100));
  body = replaced(body, "CLEARING", repeated("t[n] = nil n = n + 25 ", 200));
  ImageOptions options;
  options.sources = {{"m", "return {main = function() " + body + " end}", "m.lua"}};
  return *Image::compile(engine, options);
}

Vm started(const Image& image) {
  Vm vm = *image.fork();
  EXPECT_TRUE(vm.start("m", {"main"}, {}).has_value());
  return vm;
}

struct End {
  std::string values;
  std::uint64_t fuel;
  int stops = 0;
  bool operator==(const End& other) const { return values == other.values && fuel == other.fuel; }
};

// Runs to the end; `between` does something to the Vm at each stop, and may put another in its
// place.
template <class Between>
End run(const Image& image, const RunOptions& options, Between between) {
  Vm vm = started(image);
  End end;
  for (;; ++end.stops) {
    const Outcome outcome = vm.run(options);
    if (const auto* finished = std::get_if<Finished>(&outcome)) {
      for (const Value& value : finished->values) end.values += *to_json(value) + " ";
      end.fuel = vm.usage().fuel;
      return end;
    }
    if (!std::holds_alternative<Preempted>(outcome) || end.stops > 200'000) {
      end.values = "stopped otherwise";
      return end;
    }
    between(vm);
  }
}

class TableGrowth : public testing::Test {
 protected:
  const Image image_ = image();
  const End whole_ = run(image_, {}, [](Vm&) {});
};

TEST_F(TableGrowth, IsTheSameWhenItIsStopped) {
  EXPECT_EQ(whole_.stops, 0);
  RunOptions each;
  each.trip_every = 1;
  const End stopped = run(image_, each, [](Vm&) {});
  EXPECT_EQ(stopped, whole_) << stopped.values << whole_.values << stopped.fuel << whole_.fuel;
  const End left = run(image_, each, [](Vm& vm) { EXPECT_EQ(vm.find_damage(), ""); });
  EXPECT_EQ(left, whole_);
  EXPECT_GT(stopped.stops, left.stops) << "a growth that was dropped is done as a whole";
}

TEST_F(TableGrowth, IsTheSameOverTrips) {
  RunOptions each;
  each.trip_every = 7;
  const End frozen = run(image_, each, [this](Vm& vm) { vm = *Vm::thaw(image_, *vm.freeze()); });
  EXPECT_EQ(frozen, whole_) << frozen.fuel << " " << whole_.fuel;
  EXPECT_GT(frozen.stops, 10);
}

// With a trip at every safepoint, in the middle of growth, there is progress.
TEST_F(TableGrowth, EndsThoughItIsDroppedEachTime) {
  RunOptions each;
  each.trip_every = 1;
  int stop = 0;
  const End end = run(image_, each, [&](Vm& vm) {
    if (++stop % 3 == 0) {
      vm = *Vm::thaw(image_, *vm.freeze());
    } else {
      ASSERT_TRUE(vm.freeze().has_value());
    }
  });
  EXPECT_EQ(end, whole_);
}

TEST_F(TableGrowth, IsChargedToWhomItBelongs) {
  RunOptions little;
  little.fuel = 1;
  EXPECT_EQ(run(image_, little, [](Vm&) {}), whole_);
}

// An error at a stop in the middle of growth: the handler may use the table.
TEST_F(TableGrowth, IsGivenUpForAnError) {
  static const Engine engine = *Engine::make();
  const std::string fill = repeated("n = n + 1 t[n] = n ", 9000);
  ImageOptions options;
  options.sources = {{"m",
                      "return {main = function() local t, n = {}, 0 local errors = 0 "
                      "while n < 9000 do n = 0 "
                      "if not pcall(function() " +
                          fill +
                          " end) then "
                          "errors = errors + 1 t[1] = 'changed' .. errors t[n] = n end end "
                          "return errors, #t, t[1], t[2], t[9000] end}",
                      "m.lua"}};
  const auto image = Image::compile(engine, options);
  ASSERT_TRUE(image.has_value()) << image.error();
  Vm vm = started(*image);
  RunOptions each;
  each.trip_every = 1;
  Outcome outcome = vm.run(each);
  // The first few stops after each error are those of the calls, and of the growth that is done
  // where nothing catches.
  int errors = 0;
  for (int stops = 0; std::holds_alternative<Preempted>(outcome); ++stops) {
    if (stops == (errors == 0 ? 6 : 20) + errors && errors < 8) {
      vm.raise("stopped");
      stops = 0;
      ++errors;
    }
    outcome = vm.run(each);
  }
  EXPECT_EQ(vm.find_damage(), "");
  const auto* finished = std::get_if<Finished>(&outcome);
  ASSERT_NE(finished, nullptr);
  EXPECT_EQ(*to_json(finished->values[0]), std::to_string(errors));
  EXPECT_GE(errors, 2);
  EXPECT_EQ(*to_json(finished->values[1]), "9000");
  EXPECT_EQ(*to_json(finished->values[3]), "2");
}

// Memory for both tables has to be there; without it, the error is the usual one.
TEST_F(TableGrowth, NeedsMemoryForBothTables) {
  Vm vm = started(image_);
  Limits limits = vm.limits();
  limits.memory_bytes = 300'000;
  ASSERT_TRUE(vm.set_limits(limits).has_value());
  RunOptions each;
  each.trip_every = 1;
  Outcome outcome = vm.run(each);
  while (std::holds_alternative<Preempted>(outcome)) outcome = vm.run(each);
  ASSERT_TRUE(std::holds_alternative<LimitHit>(outcome));
  EXPECT_EQ(vm.find_damage(), "");
}

}  // namespace
}  // namespace moonlet
