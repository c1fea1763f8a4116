// Everything that may happen to jobs, at once: each one's result comes exactly once.
//
// MOONLET_STRESS_JOBS says how many jobs; 20,000 otherwise.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"
#include "moonlet/runtime/script_runner.hpp"

namespace moonlet::runtime {
namespace {

constexpr char kScript[] = R"lua(
  local count = 0
  return {
    add = function(a, b) count = count + 1 return a + b end,
    fail = function() error({code = 7}) end,
    spin = function() while true do end end,
    work = function(n) for i = 1, n do end return n end,
    ask = function(x) return sys.invoke("ask", x) + 1 end,
    nap = function() sys.sleep(0) return sys.invoke("later", 1) end,
    ask_all = function() return sys.all{{"ask", 1}, {"later", 2}, {"ask", 3}} end,
    ask_race = function() return sys.race{{"never"}, {"later", 2}} end,
    never = function() return sys.invoke("never") end,
    fill = function() local t = {} while true do t[#t + 1] = {} end end,
  }
)lua";

std::size_t job_count() {
  const char* wanted = std::getenv("MOONLET_STRESS_JOBS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 20'000;
}

// Answers on another thread, in the order in which it was asked.
class LaterAnswers {
 public:
  AsyncFunction function() {
    return [this](AsyncCall call, Responder respond) {
      pool_.submit([call = std::move(call), respond = std::move(respond)]() mutable {
        respond(call.arguments.empty() ? results() : results(call.arguments[0]));
      });
    };
  }

 private:
  ThreadExecutor pool_{1};
};

struct Stress {
  LaterAnswers later;
  std::shared_ptr<Services> services = std::make_shared<Services>();
  std::optional<Image> image;
  std::optional<ScriptRunner> runner;
  ActionQueue queue;
  std::vector<std::atomic<int>> results;
  std::atomic<std::size_t> accepted{0};
  std::atomic<std::size_t> rejected{0};
  std::atomic<std::size_t> ended[8] = {};

  explicit Stress(std::size_t count) : queue({.capacity = 1000}), results(count) {
    services->add("ask", [](AsyncCall call, Responder respond) {
      respond(runtime_results(call.arguments.at(0)));
    });
    services->add("later", later.function());
    services->add("never", [](AsyncCall, Responder respond) {
      // Dropped, and so answered, when there are many of them.
      static std::mutex mutex;
      static std::vector<Responder> kept;
      std::vector<Responder> dropped;
      const std::lock_guard lock(mutex);
      if (kept.size() > 100) dropped.swap(kept);
      kept.push_back(std::move(respond));
    });
    const Engine engine = *Engine::make(services->functions());
    ImageOptions image_options;
    image_options.sources = {{"m", kScript, "m.lua"}};
    image = *Image::compile(engine, image_options);
    RunnerOptions options;
    options.services = services;
    options.worker_count = 4;
    options.jobs_max = 2000;
    options.states_max = 500;
    options.slice_fuel = 20'000;
    options.collect_after_jobs = 50;
    options.worker_image = image;
    auto made = ScriptRunner::make(engine, std::move(options));
    runner.emplace(std::move(*made));
    for (int n = 0; n < 4; ++n) {
      EXPECT_TRUE(runner->pin("p" + std::to_string(n), *image->fork(), {.mailbox_max = 50}));
    }
  }

  static HostResult runtime_results(const Value& value) { return std::vector<Value>{value}; }

  Job make_job(std::mt19937_64& random, std::stop_source& cancel) {
    static constexpr const char* kNames[] = {"add", "add",     "fail",     "spin",  "work", "ask",
                                             "nap", "ask_all", "ask_race", "never", "fill"};
    const std::string name = kNames[random() % std::size(kNames)];
    Job job;
    job.program = Handler(*image, "m", {name});
    job.arguments = {static_cast<std::int64_t>(random() % 50'000), 2};
    job.priority = static_cast<Priority>(random() % 3);
    switch (random() % 4) {
      case 0:
        job.state = PinnedState{"p" + std::to_string(random() % 4)};
        break;
      case 1:
        job.state = WorkerState{};
        break;
      default:
        break;
    }
    if (name == "fill") {
      job.state = FreshState{};
      job.limits.memory_bytes = 200'000;
    }
    // What would never end has to be ended: soon, later, or by its canceller.
    const bool is_endless = name == "spin" || name == "never";
    if (is_endless || random() % 10 == 0) {
      job.deadline = Job::Clock::now() + std::chrono::microseconds(random() % 3000);
    }
    if (random() % 8 == 0) job.cancel = cancel.get_token();
    if (random() % 4 == 0) job.state_timeout = std::chrono::microseconds(random() % 2000);
    return job;
  }

  void produce(std::size_t begin, std::size_t end, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::stop_source cancel;
    for (std::size_t n = begin; n < end;) {
      Job job = make_job(random, cancel);
      auto deliver = [this, n](JobResult result) {
        results[n].fetch_add(1);
        ended[static_cast<std::size_t>(result.end)].fetch_add(1);
      };
      const auto id = random() % 8 == 0 ? runner->enqueue(std::move(job), queue, deliver)
                                        : runner->enqueue(std::move(job), deliver);
      // Who finds no room tries again with another one, but now and then it is a refusal.
      if (!id && id.error() == Rejection::QueueFull && random() % 32 != 0) {
        static_cast<void>(runner->wait_for_room(std::chrono::milliseconds(1)));
        std::this_thread::yield();
        continue;
      }
      const std::size_t job_number = n++;
      if (!id) {
        results[job_number].fetch_add(1);
        rejected.fetch_add(1);
        continue;
      }
      accepted.fetch_add(1);
      if (random() % 50 == 0) runner->cancel(*id);
      if (random() % 50 == 0) {
        cancel.request_stop();
        cancel = std::stop_source();
      }
    }
  }
};

TEST(RunnerStress, EachResultComesOnce) {
  constexpr std::size_t kThreads = 8;
  const std::size_t count = job_count();
  Stress stress(count);
  std::atomic<bool> is_over{false};
  std::thread main_thread([&] {
    while (!is_over) {
      stress.queue.wait();
      stress.queue.drain();
    }
    stress.queue.drain();
  });
  std::vector<std::thread> producers;
  for (std::size_t t = 0; t < kThreads; ++t) {
    producers.emplace_back(
        [&, t] { stress.produce(count * t / kThreads, count * (t + 1) / kThreads, 17 + t); });
  }
  // In the middle: three quarters have been handed in.
  std::thread stopper([&] {
    while (stress.accepted + stress.rejected < count / 4 * 3) std::this_thread::yield();
    stress.runner->stop(StopMode::EndNow);
  });
  for (std::thread& producer : producers) producer.join();
  stopper.join();
  is_over = true;
  stress.queue.close();
  main_thread.join();
  stress.queue.drain();

  std::size_t wrong = 0;
  for (const auto& each : stress.results) wrong += each != 1;
  EXPECT_EQ(wrong, 0);
  const RunnerStats stats = stress.runner->stats();
  EXPECT_EQ(stats.accepted, stress.accepted);
  EXPECT_EQ(stats.outstanding, 0);
  std::size_t sum = 0;
  for (std::size_t n = 0; n < 8; ++n) {
    EXPECT_EQ(stats.ended[n], stress.ended[n]) << n;
    sum += stats.ended[n];
    std::printf("%s: %zu\n", text_of(static_cast<JobEnd>(n)),
                static_cast<std::size_t>(stats.ended[n]));
  }
  std::printf("refused: %zu\n", stress.rejected.load());
  EXPECT_EQ(sum, stats.accepted);
  EXPECT_EQ(sum + stress.rejected, count);
  // The mix is one: none of the ends that it is about is missing.
  for (const JobEnd end : {JobEnd::Value, JobEnd::ScriptError, JobEnd::TimedOut, JobEnd::NoState,
                           JobEnd::Cancelled, JobEnd::Limit}) {
    EXPECT_GT(stats.ended[static_cast<std::size_t>(end)], 0) << text_of(end);
  }
}

}  // namespace
}  // namespace moonlet::runtime
