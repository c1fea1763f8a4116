// Inside somebody else's loop: a game gives scripts two milliseconds of each frame, and what they
// leave undone goes on in the next one. docs/patterns/somebody_elses_loop.md
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <thread>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/scheduler.hpp>

using namespace moonlet;
using namespace moonlet::runtime;
using Clock = std::chrono::steady_clock;

constexpr char kScript[] = R"lua(
  return {
    walk = function(name)
      for step = 1, 5 do
        move(name, step)
        sys.sleep(0.01)
      end
    end,
    ponder = function() while true do end end,  -- somebody's mistake
  }
)lua";

int main() {
  std::map<std::string, std::int64_t> world;  // the main thread's alone
  auto services = std::make_shared<Services>();
  services->add_immediate("move", [&](const HostCall& call) -> HostResult {
    const auto name = call.string(0);
    if (!name) return std::unexpected(call.wrong_argument(0, "string"));
    world[std::string(*name)] += 1;
    return results();
  });
  const Engine engine = *Engine::make(services->functions());
  ImageOptions image_options;
  image_options.sources = {{"npc", kScript, "npc.lua"}};
  const Image image = *Image::compile(engine, image_options);

  SchedulerOptions options;
  options.thread_count = 0;  // poll() runs them, on this thread
  options.services = services;
  options.slice_fuel_max = 50'000;  // so that the end of a slice is near when the time is over
  Scheduler scheduler(options);
  const auto add = [&](const char* handler, const std::string& name) {
    Vm vm = *image.fork();
    return vm.start("npc", {handler}, {name}).has_value() && scheduler.add(std::move(vm));
  };
  constexpr int kWalkers = 200;
  for (int n = 0; n < kWalkers; ++n) {
    if (!add("walk", "walker " + std::to_string(n))) return 1;
  }
  if (!add("ponder", "thinker")) return 1;

  int frames = 0;
  Clock::duration longest{};
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (scheduler.stats().programs > 1 && Clock::now() < end) {
    // ... input, physics ...
    const auto start = Clock::now();
    scheduler.poll({.time_max = std::chrono::milliseconds(2)});
    longest = std::max(longest, Clock::now() - start);
    // ... drawing; here nothing but the rest of a short frame.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    ++frames;
  }
  std::int64_t moves = 0;
  for (const auto& [name, steps] : world) moves += steps;
  std::printf("%d frames, %lld moves, scripts took %lld us of a frame at most\n", frames,
              static_cast<long long>(moves),
              static_cast<long long>(
                  std::chrono::duration_cast<std::chrono::microseconds>(longest).count()));
  return moves == kWalkers * 5 && scheduler.stats().programs == 1 ? 0 : 1;
}
