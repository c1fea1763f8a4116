// One thread with an event loop: programs and I/O take turns on it, and nothing is shared with
// another thread. docs/patterns/one_thread.md
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <moonlet/asio/coroutine_service.hpp>
#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/scheduler.hpp>

namespace asio = boost::asio;
using namespace moonlet;
using namespace moonlet::runtime;

constexpr char kScript[] = R"lua(
  return {
    visit = function(n)
      local sum = 0
      for i = 1, 3 do sum = sum + fetch(n * i) end
      sys.sleep(0.001)
      return sum
    end,
  }
)lua";

int main() {
  asio::io_context loop;
  auto work = asio::make_work_guard(loop);

  // A host function that waits for I/O, here a timer; the program that calls it waits, too.
  int in_flight = 0;
  int in_flight_most = 0;
  auto services = std::make_shared<Services>();
  add_coroutine(*services, "fetch", loop.get_executor(),
                [&](std::shared_ptr<const AsyncCall> call) -> asio::awaitable<HostResult> {
                  in_flight_most = std::max(in_flight_most, ++in_flight);
                  asio::steady_timer timer(co_await asio::this_coro::executor,
                                           std::chrono::milliseconds(5));
                  co_await timer.async_wait(asio::use_awaitable);
                  --in_flight;
                  co_return results(*call->arguments.at(0).integer() + 1);
                });

  // Something is ready: a few turns are taken from the loop, then others have theirs.
  Scheduler* scheduler = nullptr;
  std::atomic<bool> is_posted{false};
  std::function<void()> take_turns = [&] {
    is_posted = false;
    if (scheduler->poll({.turns_max = 32}) != 0 && !is_posted.exchange(true)) {
      asio::post(loop, take_turns);
    }
  };
  SchedulerOptions options;
  options.thread_count = 0;
  options.services = services;
  options.waker = [&] {
    if (!is_posted.exchange(true)) asio::post(loop, take_turns);
  };
  Scheduler programs(options);
  scheduler = &programs;

  const Engine engine = *Engine::make(services->functions());
  ImageOptions image_options;
  image_options.sources = {{"visits", kScript, "visits.lua"}};
  const Image image = *Image::compile(engine, image_options);

  constexpr int kPrograms = 100;
  int ended = 0;
  std::int64_t sum = 0;
  for (int n = 0; n < kPrograms; ++n) {
    Vm vm = *image.fork();
    if (!vm.start("visits", {"visit"}, {n})) return 1;
    ProgramOptions program;
    program.on_end = [&](ProgramEnd end) {
      if (const auto* finished = std::get_if<Finished>(&end.outcome)) {
        sum += *finished->values.at(0).integer();
      }
      if (++ended == kPrograms) work.reset();  // the loop ends when nothing is left
    };
    if (!programs.add(std::move(vm), std::move(program))) return 1;
  }
  loop.run();

  // Each visit gives 6 n + 3.
  const std::int64_t expected = 6 * (kPrograms * (kPrograms - 1) / 2) + 3 * kPrograms;
  std::printf("%d programs, sum %lld, up to %d calls at once\n", ended, static_cast<long long>(sum),
              in_flight_most);
  return ended == kPrograms && sum == expected && in_flight_most > 1 ? 0 : 1;
}
