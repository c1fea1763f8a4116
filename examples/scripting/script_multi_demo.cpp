// Many jobs at once, each in a fork of one image; some wait for the main thread, some fail.
#include <cstdio>
#include <map>
#include <string>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/engine_bindings.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

constexpr char kScript[] = R"lua(
  return {
    sum = function(n) local sum = 0 for i = 1, n do sum = sum + i end return sum end,
    price = function(item) return engine.call_main("price_of", item) end,
    spawn = function(kind) return engine.spawn_entity({kind = kind}) end,
    fail = function() error("no luck") end,
  }
)lua";

int main() {
  ActionQueue main_thread;
  EngineBindings bindings(main_thread);
  int spawned = 0;
  bindings.on_spawn = [&](std::uint64_t, const Value&) { ++spawned; };
  bindings.add_function("price_of", [](const std::vector<Value>& arguments) -> HostResult {
    const std::string* item = arguments.empty() ? nullptr : arguments[0].string();
    if (item == nullptr) return std::unexpected(Value("a name is needed"));
    return results(static_cast<std::int64_t>(item->size() * 100));
  });
  RunnerOptions options;
  options.services = std::make_shared<Services>();
  bindings.install(*options.services);
  const Engine engine = *Engine::make(options.services->functions());
  ImageOptions image_options;
  image_options.sources = {{"demo", kScript, "demo.lua"}};
  auto image = Image::compile(engine, image_options);
  auto runner = ScriptRunner::make(engine, options);
  if (!image || !runner) {
    std::fprintf(stderr, "%s\n", (image ? runner.error() : image.error()).c_str());
    return 1;
  }

  constexpr int kJobs = 400;
  int ended = 0;
  std::map<std::string, int> ends;
  const char* const names[] = {"sum", "price", "spawn", "fail"};
  const Value arguments[] = {10'000, "lamp", "orc", 0};
  for (int n = 0; n < kJobs; ++n) {
    Job job;
    job.program = Handler(*image, "demo", {names[n % 4]});
    job.arguments = {arguments[n % 4]};
    const auto id = runner->enqueue(std::move(job), main_thread, [&](JobResult result) {
      ++ended;
      ++ends[text_of(result.end)];
    });
    if (!id) return 1;
  }
  while (ended < kJobs || spawned < kJobs / 4) {
    main_thread.wait();
    main_thread.drain({.count_max = 100});
  }
  for (const auto& [end, count] : ends) std::printf("%s: %d\n", end.c_str(), count);
  std::printf("spawned: %d\n", spawned);
  return ends["value"] == kJobs / 4 * 3 && ends["script error"] == kJobs / 4 ? 0 : 1;
}
