#if MOONLET_HAVE_BOOST_ASIO

#include "moonlet/asio/coroutine_service.hpp"

#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::runtime {
namespace {

namespace asio = boost::asio;

struct Loop {
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::thread thread{[this] { context.run(); }};
  ~Loop() {
    work.reset();
    thread.join();
  }
};

Job source(std::string text) {
  Job job;
  job.program = SourceText{std::move(text), "test"};
  return job;
}

TEST(CoroutineService, ScriptsWaitForCoroutines) {
  Loop loop;
  std::atomic<bool> was_cancelled{false};
  RunnerOptions options;
  options.services = std::make_shared<Services>();
  add_coroutine(*options.services, "fetch", loop.context.get_executor(),
                [](std::shared_ptr<const AsyncCall> call) -> asio::awaitable<HostResult> {
                  asio::steady_timer timer(co_await asio::this_coro::executor,
                                           std::chrono::milliseconds(1));
                  co_await timer.async_wait(asio::use_awaitable);
                  co_return results("got " + *call->arguments.at(0).string());
                });
  add_coroutine(*options.services, "hang", loop.context.get_executor(),
                [&](std::shared_ptr<const AsyncCall>) -> asio::awaitable<HostResult> {
                  asio::steady_timer timer(co_await asio::this_coro::executor,
                                           std::chrono::hours(1));
                  try {
                    co_await timer.async_wait(asio::use_awaitable);
                  } catch (const boost::system::system_error&) {
                    was_cancelled = true;
                    throw;
                  }
                  co_return results();
                },
                {.timeout = std::chrono::milliseconds(1)});
  const Engine engine = *Engine::make(options.services->functions());
  auto runner = ScriptRunner::make(engine, options);
  ASSERT_TRUE(runner);
  EXPECT_EQ(runner->run(source("return fetch('it')")).get().values, (std::vector<Value>{"got it"}));
  EXPECT_EQ(runner->run(source("hang()")).get().message, "test:1: hang: no answer in time");
  // The other way round: a coroutine waits for a job.
  auto sum = asio::co_spawn(
      loop.context,
      [&]() -> asio::awaitable<std::int64_t> {
        const JobResult result =
            co_await async_run(*runner, source("return 2 + 3"), asio::use_awaitable);
        co_return *result.values.at(0).integer();
      },
      asio::use_future);
  EXPECT_EQ(sum.get(), 5);
  loop.work.reset();
  loop.thread.join();
  loop.thread = std::thread([] {});
  EXPECT_TRUE(was_cancelled);
}

}  // namespace
}  // namespace moonlet::runtime

#endif
