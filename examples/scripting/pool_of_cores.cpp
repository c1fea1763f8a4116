// A pool of cores: one large task in many jobs, as many at once as there are cores, and a producer
// that waits when it is too far ahead. docs/patterns/pool_of_cores.md
#include <cstdio>
#include <future>
#include <thread>
#include <vector>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

constexpr char kScript[] = R"lua(
  local function is_prime(n)
    if n < 2 then return false end
    for d = 2, math.floor(n ^ 0.5) do
      if n % d == 0 then return false end
    end
    return true
  end
  return {
    count = function(first, last)
      local count = 0
      for n = first, last do
        if is_prime(n) then count = count + 1 end
      end
      return count
    end,
  }
)lua";

int main() {
  const Engine engine = *Engine::make();
  ImageOptions image_options;
  image_options.sources = {{"primes", kScript, "primes.lua"}};
  const Image image = *Image::compile(engine, image_options);

  RunnerOptions options;
  options.worker_count = std::max(std::thread::hardware_concurrency(), 1u);  // this thread waits
  options.jobs_max = 16;
  auto runner = ScriptRunner::make(engine, options);
  if (!runner) return 1;

  constexpr int kLast = 100'000;
  constexpr int kStep = 1'000;
  const Handler count(image, "primes", {"count"});
  std::atomic<std::int64_t> primes{0};
  std::atomic<int> failures{0};
  int jobs = 0;
  for (int first = 1; first <= kLast;) {
    Job job;
    job.program = count;
    job.arguments = {first, first + kStep - 1};
    const auto id = runner->enqueue(std::move(job), [&](JobResult result) {
      if (result.end == JobEnd::Value) {
        primes += *result.values.at(0).integer();
      } else {
        ++failures;
      }
    });
    if (!id) {
      runner->wait_for_room();
      continue;
    }
    ++jobs;
    first += kStep;
  }
  runner->wait_idle();
  std::printf("%d jobs: %lld primes up to %d\n", jobs, static_cast<long long>(primes), kLast);
  return failures == 0 && primes == 9592 ? 0 : 1;
}
