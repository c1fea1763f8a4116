// Long sources compiled in pieces (stdlib/load_task.hpp) while the host stops them, looks
// elsewhere, raises errors, freezes them, or lets the Vm go.
#include <thread>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet {
namespace {

// Every kind of thing that takes long: statements, an expression, names, strings, functions.
constexpr const char* kProgram = R"lua(
local function source()
  local parts = {"local t = {}"}
  for n = 1, 300 do
    parts[#parts + 1] = "t[" .. n .. "] = function(a, b) return a * " .. n .. " + b, 'text" .. n ..
                        "' end local v" .. n % 50 .. " = t[" .. n .. "](2, 3)"
    if n % 50 == 0 then parts[#parts + 1] = "do local x = t end" end
  end
  local sum = {}
  for n = 1, 2000 do sum[n] = "name" .. n end
  parts[#parts + 1] = "local sum = 0" .. (" + 1"):rep(3000)
  parts[#parts + 1] = "local names = {" .. table.concat(sum, ", ") .. "}"
  parts[#parts + 1] = "return t[7](1, 2), #names, sum"
  return table.concat(parts, "\n"):gsub("local v%d+ = ", "_G.last = ")
end
return {
  main = function()
    local text = source()
    local f = assert(load(text, "=long"))
    local a, b, c = f()
    local none, message = load(text .. "\n) x", "=wrong")
    local dumped = load(string.dump(f))
    return tostring(a) .. " " .. b .. " " .. c .. " " .. tostring(none) .. " " .. message .. " " ..
           tostring((dumped()))
  end,
  caught = function()
    local text = source()
    local ok, message = pcall(load, text, "=long")
    return tostring(ok) .. " " .. tostring(load(text)())
  end,
}
)lua";

Image image() {
  static const Engine engine = *Engine::make();
  ImageOptions options;
  options.sources = {{"m", kProgram, "m.lua"}};
  auto made = Image::compile(engine, options);
  EXPECT_TRUE(made.has_value()) << made.error();
  return *made;
}

Vm started(const Image& image, const std::string& name) {
  Vm vm = *image.fork();
  EXPECT_TRUE(vm.start("m", {name}, {}).has_value());
  return vm;
}

struct End {
  std::string text;
  std::uint64_t fuel = 0;
  int stops = 0;
};

template <class Between>
End run(const Image& image, std::uint64_t trip_every, Between between) {
  Vm vm = started(image, "main");
  RunOptions options;
  options.trip_every = trip_every;
  End end;
  for (;; ++end.stops) {
    const Outcome outcome = vm.run(options);
    if (const auto* finished = std::get_if<Finished>(&outcome)) {
      end.text = *to_json(finished->values[0]);
      end.fuel = vm.usage().fuel;
      return end;
    }
    if (!std::holds_alternative<Preempted>(outcome)) {
      end.text = "stopped otherwise";
      return end;
    }
    between(vm);
  }
}

class LoadInPieces : public testing::Test {
 protected:
  const Image image_ = image();
  const End whole_ = run(image_, 0, [](Vm&) {});
};

TEST_F(LoadInPieces, IsTheSameWhenItIsStopped) {
  EXPECT_EQ(whole_.stops, 0);
  EXPECT_NE(whole_.text.find("wrong:"), std::string::npos) << whole_.text;
  const End stopped = run(image_, 1, [](Vm&) {});
  EXPECT_EQ(stopped.text, whole_.text);
  EXPECT_EQ(stopped.fuel, whole_.fuel);
  const End looked_at = run(image_, 1, [](Vm& vm) { EXPECT_EQ(vm.find_damage(), ""); });
  EXPECT_EQ(looked_at.text, whole_.text);
  EXPECT_EQ(looked_at.fuel, whole_.fuel);
  EXPECT_GT(stopped.stops, looked_at.stops + 50) << "what was dropped is done as a whole";
}

TEST_F(LoadInPieces, IsTheSameOverTripsAndOnOtherThreads) {
  const End frozen = run(image_, 11, [this](Vm& vm) { vm = *Vm::thaw(image_, *vm.freeze()); });
  EXPECT_EQ(frozen.text, whole_.text);
  EXPECT_EQ(frozen.fuel, whole_.fuel);
  int stop = 0;
  RunOptions each;
  each.trip_every = 1;
  Vm vm = started(image_, "main");
  Outcome outcome = vm.run(each);
  while (std::holds_alternative<Preempted>(outcome)) {
    if (++stop % 16 == 0) {
      std::thread([&] { outcome = vm.run(each); }).join();
    } else {
      outcome = vm.run(each);
    }
  }
  const auto* finished = std::get_if<Finished>(&outcome);
  ASSERT_NE(finished, nullptr);
  EXPECT_EQ(*to_json(finished->values[0]), whole_.text);
}

// In the middle of it, wherever that is.
TEST_F(LoadInPieces, CanBeLeft) {
  const int stops = run(image_, 1, [](Vm&) {}).stops;
  RunOptions each;
  each.trip_every = 1;
  for (int at = stops / 4; at < stops; at += stops / 7) {
    Vm vm = started(image_, "main");
    for (int n = 0; n < at; ++n) ASSERT_TRUE(std::holds_alternative<Preempted>(vm.run(each)));
    if (at % 2 == 0) {
      vm.kill();
      EXPECT_TRUE(std::holds_alternative<Killed>(vm.run()));
      EXPECT_EQ(vm.find_damage(), "");
    }
  }
}

TEST_F(LoadInPieces, IsGivenUpForAnError) {
  RunOptions each;
  each.trip_every = 1;
  Vm vm = started(image_, "caught");
  Outcome outcome = vm.run(each);
  const int stops = run(image_, 1, [](Vm&) {}).stops;
  for (int n = 0; n < stops / 4; ++n) outcome = vm.run(each);
  ASSERT_TRUE(std::holds_alternative<Preempted>(outcome));
  vm.raise("not now");
  while (std::holds_alternative<Preempted>(outcome)) outcome = vm.run(each);
  EXPECT_EQ(vm.find_damage(), "");
  const auto* finished = std::get_if<Finished>(&outcome);
  const auto* failed = std::get_if<Failed>(&outcome);
  if (failed != nullptr) {
    EXPECT_NE(failed->message.find("not now"), std::string::npos);
  } else {
    ASSERT_NE(finished, nullptr);
  }
}

}  // namespace
}  // namespace moonlet
