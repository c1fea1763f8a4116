// Shared host data: Vms share nothing, so what all scripts see is C++ behind host functions, with a
// lock of its own. docs/patterns/shared_data.md
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

// Called by all workers at once.
class Scores {
 public:
  std::int64_t add(const std::string& name, std::int64_t points) {
    const std::lock_guard lock(mutex_);
    return points_[name] += points;
  }
  // Whole operations, not reads and writes: between two calls of a script anything may happen.
  bool move(const std::string& from, const std::string& to, std::int64_t points) {
    const std::lock_guard lock(mutex_);
    if (points_[from] < points) return false;
    points_[from] -= points;
    points_[to] += points;
    return true;
  }
  std::int64_t sum() const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const auto& [name, points] : points_) sum += points;
    return sum;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> points_;
};

constexpr char kScript[] = R"lua(
  return {
    play = function(n)
      local me = "player " .. n % 10
      scores.add(me, 5)
      scores.move(me, "bank", 2)
      return me
    end,
  }
)lua";

int main() {
  Scores scores;
  auto services = std::make_shared<Services>();
  services->add_immediate("scores.add", [&](const HostCall& call) -> HostResult {
    const auto name = call.string(0);
    const auto points = call.integer(1);
    if (!name) return std::unexpected(call.wrong_argument(0, "string"));
    if (!points) return std::unexpected(call.wrong_argument(1, "integer"));
    return results(scores.add(std::string(*name), *points));
  });
  services->add_immediate("scores.move", [&](const HostCall& call) -> HostResult {
    const auto from = call.string(0);
    const auto to = call.string(1);
    const auto points = call.integer(2);
    if (!from) return std::unexpected(call.wrong_argument(0, "string"));
    if (!to) return std::unexpected(call.wrong_argument(1, "string"));
    if (!points) return std::unexpected(call.wrong_argument(2, "integer"));
    return results(scores.move(std::string(*from), std::string(*to), *points));
  });
  const Engine engine = *Engine::make(services->functions());
  ImageOptions image_options;
  image_options.sources = {{"game", kScript, "game.lua"}};
  const Image image = *Image::compile(engine, image_options);

  RunnerOptions options;
  options.services = services;
  options.worker_count = 4;
  auto runner = ScriptRunner::make(engine, options);
  if (!runner) return 1;
  constexpr int kJobs = 2'000;
  const Handler play(image, "game", {"play"});
  std::atomic<int> values{0};
  for (int n = 0; n < kJobs; ++n) {
    Job job;
    job.program = play;
    job.arguments = {n};
    if (!runner->enqueue(std::move(job),
                         [&](JobResult result) { values += result.end == JobEnd::Value; })) {
      return 1;
    }
  }
  runner->wait_idle();
  std::printf("%d jobs, %lld points, %lld of them in the bank\n", values.load(),
              static_cast<long long>(scores.sum()), static_cast<long long>(scores.add("bank", 0)));
  return values == kJobs && scores.sum() == 5 * kJobs && scores.add("bank", 0) == 2 * kJobs ? 0 : 1;
}
