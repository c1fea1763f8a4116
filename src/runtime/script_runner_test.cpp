#include "moonlet/runtime/script_runner.hpp"

#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::runtime {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr char kScript[] = R"lua(
  local count = 0
  return {
    add = function(a, b) return a + b end,
    count = function() count = count + 1 return count end,
    fail = function() error("no luck") end,
    spin = function() while true do end end,
    ask = function(...) return sys.invoke("ask", ...) end,
    nap = function(seconds) sys.sleep(seconds) return "awake" end,
    grow = function() local t = {} while true do t[#t + 1] = "x" .. #t end end,
    all = function(calls) return sys.all(calls) end,
    race = function(calls) return sys.race(calls) end,
    say = function(text) sys.log("info", text) sys.emit("said", {text = text}) return text end,
  }
)lua";

struct Fixture {
  std::shared_ptr<Services> services = std::make_shared<Services>();
  std::optional<Engine> engine;
  std::optional<Image> image;
  std::optional<ScriptRunner> runner;

  explicit Fixture(RunnerOptions options = {}, std::function<void(Services&)> fill = {}) {
    if (fill) fill(*services);
    engine = *Engine::make(services->functions());
    ImageOptions image_options;
    image_options.sources = {{"m", kScript, "m.lua"}, sources_module()};
    image = *Image::compile(*engine, image_options);
    options.services = services;
    auto made = ScriptRunner::make(*engine, std::move(options));
    EXPECT_TRUE(made) << made.error();
    runner.emplace(std::move(*made));
  }

  Job job(const std::string& name, std::vector<Value> arguments = {}) const {
    Job job;
    job.program = Handler(*image, "m", {name});
    job.arguments = std::move(arguments);
    return job;
  }
  // For coroutines: g++ 12 takes no lists inside of co_await.
  Job sum(int a, int b) const { return job("add", {a, b}); }
  Job pinned(const std::string& name, const std::string& vm) const {
    Job made = job(name);
    made.state = PinnedState{vm};
    return made;
  }
  JobResult result_of(Job wanted) { return runner->run(std::move(wanted)).get(); }
};

Job source(std::string text, std::vector<Value> arguments = {}) {
  Job job;
  job.program = SourceText{std::move(text), "test"};
  job.arguments = std::move(arguments);
  return job;
}

// Answers when the test says so.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<AsyncCall, Responder>> calls;

  AsyncFunction function() {
    return [this](AsyncCall call, Responder respond) {
      const std::lock_guard lock(mutex);
      calls.emplace_back(std::move(call), std::move(respond));
      changed.notify_all();
    };
  }
  std::pair<AsyncCall, Responder> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !calls.empty(); });
    auto call = std::move(calls.front());
    calls.erase(calls.begin());
    return call;
  }
};

TEST(ScriptRunner, ValuesAndErrorsComeBack) {
  Fixture f;
  JobResult sum = f.result_of(f.job("add", {2, 3}));
  EXPECT_EQ(sum.end, JobEnd::Value);
  EXPECT_EQ(sum.values, (std::vector<Value>{5}));
  EXPECT_GT(sum.usage.memory_bytes, 0);
  EXPECT_GE(f.result_of(source("for i = 1, 1000 do end")).usage.fuel, 1000);
  const JobResult failed = f.result_of(f.job("fail"));
  EXPECT_EQ(failed.end, JobEnd::ScriptError);
  EXPECT_EQ(failed.message, "m.lua:6: no luck");
  EXPECT_NE(failed.traceback.find("m.lua:6"), std::string::npos);
  EXPECT_NE(sum.id, failed.id);
}

TEST(ScriptRunner, SourcesThatComeAgainAreCompiledOnce) {
  Fixture f;
  const std::string text = "x = (x or 0) + 1 local a = ... return a, x";
  std::uint64_t first = 0;
  for (int n = 0; n < 5; ++n) {
    const JobResult result = f.result_of(source(text, {n}));
    EXPECT_EQ(result.values, (std::vector<Value>{n, 1})) << result.message;  // each a fork
    if (n == 0) first = result.usage.fuel;
    if (n > 1) {
      EXPECT_LT(result.usage.fuel, first);  // compiling costs fuel
    }
  }
  for (int n = 0; n < 3; ++n) {
    const JobResult wrong = f.result_of(source("return +"));
    EXPECT_EQ(wrong.message, "test:1: unexpected symbol near '+'");
    const JobResult failed = f.result_of(source("\n error('no')"));
    EXPECT_EQ(failed.message, "test:2: no");
    EXPECT_EQ(failed.end, JobEnd::ScriptError);
  }
  // More than are kept.
  for (int n = 0; n < 2000; ++n) {
    const int which = n % 400;
    const auto result = f.result_of(source("return " + std::to_string(which)));
    ASSERT_EQ(result.values, (std::vector<Value>{which}));
  }
}

TEST(ScriptRunner, WhoFindsNoRoomCanWaitForSome) {
  RunnerOptions options;
  options.jobs_max = 8;
  Gate gate;
  Fixture f(std::move(options), [&](Services& services) { services.add("ask", gate.function()); });
  std::atomic<int> ended{0};
  const auto enqueue = [&](Job job) {
    return f.runner->enqueue(std::move(job), [&](JobResult) { ++ended; });
  };
  for (int n = 0; n < 8; ++n) ASSERT_TRUE(enqueue(f.job("ask")));
  const auto refused = enqueue(f.job("ask"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Rejection::QueueFull);
  EXPECT_FALSE(f.runner->wait_for_room(milliseconds(1)));
  std::thread answers([&] {
    for (int n = 0; n < 8; ++n) gate.next().second(results(n));
  });
  EXPECT_TRUE(f.runner->wait_for_room());
  EXPECT_GE(ended, 1);
  answers.join();
  EXPECT_TRUE(enqueue(f.job("add", {1, 2})));
  f.runner->wait_idle();
  EXPECT_EQ(ended, 9);

  for (int n = 0; n < 8; ++n) ASSERT_TRUE(enqueue(f.job("ask")));
  std::thread stops([&] { f.runner->stop(StopMode::EndNow); });
  static_cast<void>(f.runner->wait_for_room());  // comes back, one way or the other
  stops.join();
  EXPECT_FALSE(f.runner->wait_for_room(milliseconds(1)));
  gate.calls.clear();
}

TEST(ScriptRunner, WhatWaitsMayRest) {
  RunnerOptions options;
  options.rests_while_waiting = true;
  Gate gate;
  Fixture f(std::move(options), [&](Services& services) { services.add("ask", gate.function()); });
  auto future = f.runner->run(f.job("ask", {5}));
  auto call = gate.next();
  bool is_resting = false;
  std::optional<JobId> id;
  while (!is_resting) {
    for (const JobState& job : f.runner->jobs()) id = job.id;
    ASSERT_TRUE(id);
    f.runner->with_job(*id, [&](Vm& vm) { is_resting = vm.is_resting(); });
  }
  call.second(results(call.first.arguments.at(0)));
  EXPECT_EQ(future.get().values, (std::vector<Value>{5}));
}

TEST(ScriptRunner, JobsAreLookedAtWhereverTheyStand) {
  Gate gate;
  Fixture f({}, [&](Services& services) { services.add("ask", gate.function()); });
  std::promise<JobResult> promise;
  const auto id = f.runner->enqueue(f.job("ask"), [&](JobResult r) { promise.set_value(r); });
  ASSERT_TRUE(id);
  auto call = gate.next();
  std::string waits_for;
  while (!f.runner->with_job(*id, [&](Vm& vm) {
    if (vm.pending() != nullptr) waits_for = vm.pending()->name;
  })) {
    std::this_thread::yield();
  }
  EXPECT_EQ(waits_for, "ask");
  call.second(results(1));
  static_cast<void>(promise.get_future().get());
  EXPECT_FALSE(f.runner->with_job(*id, [](Vm&) { FAIL(); }));

  std::stop_source stop;
  Job endless = f.job("spin");
  endless.cancel = stop.get_token();
  const auto spins = f.runner->enqueue(std::move(endless), [](JobResult) {});
  ASSERT_TRUE(spins);
  std::size_t frames = 0;
  while (!f.runner->with_job(*spins, [&](Vm& vm) { frames = vm.stack().size(); })) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(f.runner->with_job(*spins, [&](Vm& vm) { frames = vm.stack().size(); }));
  EXPECT_EQ(frames, 1);
  stop.request_stop();
  f.runner->wait_idle();
}

TEST(ScriptRunner, SourcesAreCompiledInTheirState) {
  Fixture f;
  EXPECT_EQ(f.result_of(source("local a, b = ... return a * b", {6, 7})).values,
            (std::vector<Value>{42}));
  const JobResult wrong = f.result_of(source("return +"));
  EXPECT_EQ(wrong.end, JobEnd::ScriptError);
  EXPECT_EQ(wrong.message, "test:1: unexpected symbol near '+'");
  EXPECT_EQ(f.result_of(source("return io, os.execute, dofile")).values,
            (std::vector<Value>{Value(), Value(), Value()}));
}

TEST(ScriptRunner, WhatCannotBeRunSaysWhy) {
  Fixture f;
  const JobResult missing = f.result_of(f.job("nothing"));
  EXPECT_EQ(missing.end, JobEnd::Rejected);
  EXPECT_EQ(missing.rejection, Rejection::NotRunnable);
  EXPECT_EQ(missing.message, "there is no function m.nothing");
  Job bytes;
  bytes.program = FrozenState{*f.image, "no state"};
  EXPECT_EQ(f.result_of(std::move(bytes)).rejection, Rejection::NotRunnable);
}

TEST(ScriptRunner, FreshStatesForgetPinnedAndWorkersKeep) {
  RunnerOptions options;
  options.worker_count = 1;
  Fixture f(options);
  EXPECT_EQ(f.result_of(f.job("count")).values, (std::vector<Value>{1}));
  EXPECT_EQ(f.result_of(f.job("count")).values, (std::vector<Value>{1}));
  ASSERT_TRUE(f.runner->pin("npc", *f.image->fork()));
  EXPECT_FALSE(f.runner->pin("npc", *f.image->fork()));
  for (int n = 1; n <= 3; ++n) {
    EXPECT_EQ(f.result_of(f.pinned("count", "npc")).values, (std::vector<Value>{n}));
  }
  EXPECT_EQ(f.result_of(f.pinned("count", "other")).rejection, Rejection::NoSuchState);
  for (int n = 1; n <= 3; ++n) {
    Job job = source("n = (n or 0) + 1 return n");
    job.state = WorkerState{};
    EXPECT_EQ(f.result_of(std::move(job)).values, (std::vector<Value>{n}));
  }
  Job job = source("return 7");
  job.state = PinnedState{"npc"};
  EXPECT_EQ(f.result_of(std::move(job)).values, (std::vector<Value>{7}));
  f.runner->wait_idle();
  auto vm = f.runner->unpin("npc");
  ASSERT_TRUE(vm);
  EXPECT_FALSE(f.runner->unpin("npc"));
  ASSERT_TRUE(vm->start("m", {"count"}, {}));
  EXPECT_EQ(std::get<Finished>(vm->run()).values, (std::vector<Value>{4}));
}

TEST(ScriptRunner, AFrozenProgramGoesOn) {
  Gate gate;
  Fixture f({}, [&](Services& services) { services.add("ask", gate.function()); });
  Vm vm = *f.image->fork();
  ASSERT_TRUE(vm.start("m", {"ask"}, {"what"}));
  ASSERT_TRUE(std::holds_alternative<Suspended>(vm.run()));
  Job job;
  job.program = FrozenState{*f.image, *vm.freeze()};
  auto result = f.runner->run(std::move(job));
  auto [call, respond] = gate.next();
  EXPECT_EQ(call.id, vm.pending()->id);
  EXPECT_EQ(call.arguments, (std::vector<Value>{"what"}));
  EXPECT_TRUE(respond(results("this")));
  EXPECT_FALSE(respond(results("again")));
  EXPECT_EQ(result.get().values, (std::vector<Value>{"this"}));
}

TEST(ScriptRunner, ErrorsOfTheHostAreRaisedInTheScript) {
  Fixture f({}, [](Services& services) {
    services.add("ask", [](AsyncCall call, Responder respond) {
      if (call.arguments[0] == Value("drop")) return;
      respond(std::unexpected(Value("refused")));
    });
  });
  EXPECT_EQ(f.result_of(f.job("ask", {"x"})).message, "m.lua:8: refused");
  EXPECT_EQ(f.result_of(f.job("ask", {"drop"})).message,
            "m.lua:8: the host dropped the call without an answer");
  EXPECT_EQ(f.result_of(source("return sys.invoke('else')")).message,
            "test:1: the host has no function 'else'");
}

TEST(ScriptRunner, BlockingFunctionsHaveTheirOwnThreads) {
  const std::thread::id here = std::this_thread::get_id();
  std::atomic<bool> is_elsewhere{false};
  Fixture f({}, [&](Services& services) {
    services.add_blocking("ask", [&](const AsyncCall& call) {
      is_elsewhere = std::this_thread::get_id() != here;
      return results(call.arguments.at(0));
    });
  });
  EXPECT_EQ(f.result_of(f.job("ask", {8})).values, (std::vector<Value>{8}));
  EXPECT_TRUE(is_elsewhere);
}

TEST(ScriptRunner, AWaitingJobTakesNoWorker) {
  Gate gate;
  RunnerOptions options;
  options.worker_count = 1;
  Fixture f(options, [&](Services& services) { services.add("ask", gate.function()); });
  auto waiting = f.runner->run(f.job("ask", {1}));
  auto asleep = f.runner->run(f.job("nap", {3600}));
  auto call = gate.next();
  EXPECT_EQ(f.result_of(f.job("add", {1, 1})).values, (std::vector<Value>{2}));
  EXPECT_EQ(f.runner->jobs().size(), 2);
  call.second(results(1));
  EXPECT_EQ(waiting.get().end, JobEnd::Value);
  f.runner->stop(StopMode::EndNow);
  EXPECT_EQ(asleep.get().end, JobEnd::Cancelled);
}

TEST(ScriptRunner, SleepEnds) {
  Fixture f;
  EXPECT_EQ(f.result_of(f.job("nap", {0.001})).values, (std::vector<Value>{"awake"}));
  EXPECT_EQ(f.result_of(f.job("nap", {0})).values, (std::vector<Value>{"awake"}));
}

TEST(ScriptRunner, SeveralCallsAtOnce) {
  Gate gate;
  Fixture f({}, [&](Services& services) { services.add("ask", gate.function()); });
  const Value calls = Value::Array{Value::Array{"ask", 1}, Value::Array{"ask", 2}};
  auto all = f.runner->run(f.job("all", {calls}));
  auto first = gate.next();
  auto second = gate.next();
  EXPECT_EQ(first.first.key(), first.first.id.text() + ".1");
  EXPECT_TRUE(second.second(results("b")));
  EXPECT_TRUE(first.second(results("a")));
  const JobResult both = all.get();
  EXPECT_EQ(both.message, "");
  ASSERT_EQ(both.values.size(), 1);
  EXPECT_EQ(both.values[0], Value(Value::Array{"a", "b"}));

  auto race = f.runner->run(f.job("race", {calls}));
  first = gate.next();
  second = gate.next();
  EXPECT_TRUE(second.second(results("won")));
  EXPECT_EQ(race.get().values, (std::vector<Value>{"won", 2}));
  EXPECT_TRUE(first.first.stop.stop_requested());
  EXPECT_FALSE(first.second(results("late")));
}

TEST(ScriptRunner, CallsTimeOut) {
  Gate gate;
  Fixture f({}, [&](Services& services) {
    services.add("ask", gate.function(), {.timeout = milliseconds(1)});
  });
  auto result = f.runner->run(f.job("ask", {1}));
  auto call = gate.next();
  EXPECT_EQ(result.get().message, "m.lua:8: ask: no answer in time");
  f.runner->wait_idle();
  EXPECT_FALSE(call.second(results(1)));
  const Value calls = Value::Array{Value(Value::Array{"ask", 1})};
  EXPECT_EQ(f.result_of(f.job("all", {calls})).message, "m.lua:11: [1] ask: no answer in time");
}

TEST(ScriptRunner, CancelsWhereverAJobStands) {
  Gate gate;
  RunnerOptions options;
  options.worker_count = 1;
  options.slice_fuel = 10'000;
  Fixture f(options, [&](Services& services) { services.add("ask", gate.function()); });
  // Suspended: the call hears of it.
  std::stop_source cancel;
  Job asking = f.job("ask", {1});
  asking.cancel = cancel.get_token();
  auto suspended = f.runner->run(std::move(asking));
  auto call = gate.next();
  EXPECT_TRUE(cancel.request_stop());
  EXPECT_EQ(suspended.get().end, JobEnd::Cancelled);
  EXPECT_TRUE(call.first.stop.stop_requested());
  EXPECT_FALSE(call.second(results(1)));
  // Running, and by number.
  std::promise<JobResult> ended;
  const auto id = f.runner->enqueue(f.job("spin"),
                                    [&](JobResult result) { ended.set_value(std::move(result)); });
  ASSERT_TRUE(id);
  EXPECT_TRUE(f.runner->cancel(*id));
  EXPECT_EQ(ended.get_future().get().end, JobEnd::Cancelled);
  f.runner->wait_idle();
  EXPECT_FALSE(f.runner->cancel(*id));
  EXPECT_FALSE(f.runner->cancel(0));
  // Before it began.
  Job late = f.job("add", {1, 2});
  late.cancel = cancel.get_token();
  EXPECT_EQ(f.result_of(std::move(late)).end, JobEnd::Cancelled);
}

TEST(ScriptRunner, DeadlinesEndWhatRunsAndWhatWaits) {
  Fixture f;
  Job spin = f.job("spin");
  spin.deadline = Job::Clock::now() + milliseconds(5);
  EXPECT_EQ(f.result_of(std::move(spin)).end, JobEnd::TimedOut);
  Job nap = f.job("nap", {3600});
  nap.deadline = Job::Clock::now() + milliseconds(5);
  EXPECT_EQ(f.result_of(std::move(nap)).end, JobEnd::TimedOut);
  Job past = f.job("spin");
  past.deadline = Job::Clock::time_point{};
  EXPECT_EQ(f.result_of(std::move(past)).end, JobEnd::TimedOut);
}

TEST(ScriptRunner, AKilledPinnedCallLeavesItsVmUsable) {
  Fixture f;
  ASSERT_TRUE(f.runner->pin("npc", *f.image->fork()));
  EXPECT_EQ(f.result_of(f.pinned("count", "npc")).values, (std::vector<Value>{1}));
  Job spin = f.pinned("spin", "npc");
  spin.deadline = Job::Clock::now() + milliseconds(2);
  EXPECT_EQ(f.result_of(std::move(spin)).end, JobEnd::TimedOut);
  EXPECT_EQ(f.result_of(f.pinned("count", "npc")).values, (std::vector<Value>{2}));
}

TEST(ScriptRunner, LimitsAreTold) {
  Fixture f;
  Job spin = f.job("spin");
  spin.limits.fuel = 1000;
  JobResult result = f.result_of(std::move(spin));
  EXPECT_EQ(result.end, JobEnd::Limit);
  EXPECT_EQ(result.limit, LimitKind::Fuel);
  Job grow = f.job("grow");
  grow.limits.memory_bytes = 100'000;
  result = f.result_of(std::move(grow));
  EXPECT_EQ(result.end, JobEnd::Limit);
  EXPECT_EQ(result.limit, LimitKind::Memory);
}

TEST(ScriptRunner, FreshStatesAreLimited) {
  Gate gate;
  RunnerOptions options;
  options.states_max = 1;
  Fixture f(options, [&](Services& services) { services.add("ask", gate.function()); });
  auto holder = f.runner->run(f.job("ask", {1}));
  auto call = gate.next();
  Job impatient = f.job("add", {1, 1});
  impatient.state_timeout = milliseconds(1);
  EXPECT_EQ(f.result_of(std::move(impatient)).end, JobEnd::NoState);
  auto patient = f.runner->run(f.job("add", {1, 1}));
  call.second(results(1));
  EXPECT_EQ(holder.get().end, JobEnd::Value);
  EXPECT_EQ(patient.get().end, JobEnd::Value);
  EXPECT_EQ(f.result_of(f.job("add", {1, 2})).values, (std::vector<Value>{3}));
}

TEST(ScriptRunner, APinnedVmHasABoundedMailbox) {
  Gate gate;
  Fixture f({}, [&](Services& services) { services.add("ask", gate.function()); });
  ASSERT_TRUE(f.runner->pin("npc", *f.image->fork(), {.mailbox_max = 2}));
  auto holder = f.runner->run(f.pinned("ask", "npc"));
  auto call = gate.next();
  auto second = f.runner->run(f.pinned("count", "npc"));
  Job impatient = f.pinned("count", "npc");
  impatient.state_timeout = milliseconds(1);
  auto third = f.runner->run(std::move(impatient));
  EXPECT_EQ(f.result_of(f.pinned("count", "npc")).rejection, Rejection::QueueFull);
  EXPECT_FALSE(f.runner->unpin("npc"));
  EXPECT_EQ(third.get().end, JobEnd::NoState);
  call.second(results(1));
  EXPECT_EQ(holder.get().end, JobEnd::Value);
  EXPECT_EQ(second.get().values, (std::vector<Value>{1}));
  EXPECT_EQ(f.result_of(f.pinned("count", "npc")).values, (std::vector<Value>{2}));
}

TEST(ScriptRunner, TheQueueOfJobsIsBounded) {
  Gate gate;
  RunnerOptions options;
  options.jobs_max = 2;
  Fixture f(options, [&](Services& services) { services.add("ask", gate.function()); });
  auto first = f.runner->run(f.job("ask", {1}));
  auto second = f.runner->run(f.job("ask", {1}));
  EXPECT_EQ(f.result_of(f.job("add", {1, 1})).rejection, Rejection::QueueFull);
  gate.next().second(results(1));
  gate.next().second(results(1));
  EXPECT_EQ(first.get().end, JobEnd::Value);
  EXPECT_EQ(second.get().end, JobEnd::Value);
  f.runner->wait_idle();
  EXPECT_EQ(f.result_of(f.job("add", {1, 1})).end, JobEnd::Value);
  EXPECT_EQ(f.runner->stats().rejected, 1);
}

TEST(ScriptRunner, ResultsForTheMainThreadTakeTheirPlaceFirst) {
  Fixture f;
  ActionQueue queue({.capacity = 1});
  const std::thread::id here = std::this_thread::get_id();
  JobResult result;
  const auto keep = [&](JobResult got) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    result = std::move(got);
  };
  ASSERT_TRUE(f.runner->enqueue(f.job("add", {1, 1}), queue, keep));
  EXPECT_EQ(f.runner->enqueue(f.job("add", {1, 1}), queue, keep).error(), Rejection::QueueFull);
  EXPECT_TRUE(queue.wait());
  EXPECT_EQ(queue.drain(), 1);
  EXPECT_EQ(result.values, (std::vector<Value>{2}));
  EXPECT_TRUE(f.runner->enqueue(f.job("add", {1, 1}), queue, keep));
  f.runner->wait_idle();
  EXPECT_EQ(queue.drain(), 1);
}

struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

TEST(ScriptRunner, CoroutinesAwaitResults) {
  Fixture f;
  std::promise<std::int64_t> sum;
  const auto add_up = [](Fixture& fixture, std::promise<std::int64_t>& out) -> Detached {
    std::int64_t total = 0;
    for (int n = 0; n < 10; ++n) {
      const JobResult result = co_await fixture.runner->result_of(fixture.sum(n, 1));
      total += *result.values.at(0).integer();
    }
    out.set_value(total);
  };
  add_up(f, sum);
  EXPECT_EQ(sum.get_future().get(), 55);
  f.runner->stop(StopMode::FinishAll);
  JobResult refused;
  const auto try_one = [](Fixture& fixture, JobResult& out) -> Detached {
    out = co_await fixture.runner->result_of(fixture.sum(1, 1));
  };
  try_one(f, refused);
  EXPECT_EQ(refused.rejection, Rejection::ShuttingDown);
}

TEST(ScriptRunner, OneWorkerTakesTurnsInAFixedOrder) {
  std::string orders[2];
  for (std::string& order : orders) {
    std::latch begun(1);
    std::latch go(1);
    RunnerOptions options;
    options.worker_count = 1;
    options.slice_fuel = 5'000;
    Fixture f(options, [&](Services& services) {
      services.add_immediate("hold", [&](const HostCall&) -> HostResult {
        begun.count_down();
        go.wait();
        return std::vector<Value>{};
      });
    });
    auto holder = f.runner->run(source("hold()"));
    begun.wait();
    const auto enqueue = [&](char name, int steps, Priority priority) {
      Job job = source("for i = 1, ... do end", {steps});
      job.priority = priority;
      ASSERT_TRUE(f.runner->enqueue(std::move(job), [&order, name](JobResult) { order += name; }));
    };
    enqueue('l', 10, Priority::Low);
    enqueue('n', 10, Priority::Normal);
    enqueue('S', 40'000, Priority::Normal);
    enqueue('m', 10, Priority::Normal);
    enqueue('h', 10, Priority::High);
    go.count_down();
    f.runner->wait_idle();
  }
  EXPECT_EQ(orders[0], "hnmSl");  // S has several slices
  EXPECT_EQ(orders[1], orders[0]);
}

TEST(ScriptRunner, ShutdownEndsEverythingOnce) {
  for (const StopMode mode : {StopMode::FinishAll, StopMode::EndNow}) {
    std::atomic<int> count{0};
    Fixture f;
    for (int n = 0; n < 200; ++n) {
      Job job = mode == StopMode::EndNow && n % 10 == 0 ? f.job("spin") : f.job("add", {n, 1});
      ASSERT_TRUE(f.runner->enqueue(std::move(job), [&](JobResult) { ++count; }));
    }
    f.runner->stop(mode);
    EXPECT_EQ(count, 200);
    EXPECT_EQ(f.result_of(f.job("add", {1, 1})).rejection, Rejection::ShuttingDown);
    const RunnerStats stats = f.runner->stats();
    EXPECT_EQ(stats.accepted, 200);
    if (mode == StopMode::FinishAll) {
      EXPECT_EQ(stats.ended[static_cast<int>(JobEnd::Value)], 200);
    }
  }
}

TEST(ScriptRunner, HooksSeeStartPauseAndEnd) {
  std::mutex mutex;
  std::string seen;
  const auto add = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    seen += text + " ";
  };
  RunnerOptions options;
  options.measures_time = true;
  options.hooks.on_start = [&](JobId) { add("start"); };
  options.hooks.on_pause = [&](JobId) { add("pause"); };
  options.hooks.on_resume = [&](JobId) { add("resume"); };
  options.hooks.on_end = [&](const JobResult& result) { add(text_of(result.end)); };
  options.hooks.on_log = [&](JobId, const std::string& level, const std::vector<Value>& values) {
    add(level + ":" + *values.at(0).string());
  };
  options.hooks.on_emit = [&](JobId, const std::string& name, const std::vector<Value>&) {
    add(name);
  };
  Fixture f(options);
  EXPECT_EQ(f.result_of(f.job("say", {"hello"})).values, (std::vector<Value>{"hello"}));
  const JobResult result = f.result_of(f.job("nap", {0.001}));
  EXPECT_EQ(result.usage.turns, 2);
  EXPECT_GT(result.usage.run_time.count(), 0);
  f.runner->wait_idle();
  EXPECT_EQ(seen, "start info:hello said value start pause resume value ");
}

TEST(ScriptRunner, CollectsBetweenJobs) {
  std::atomic<int> collections{0};
  RunnerOptions options;
  options.worker_count = 1;
  options.collect_after_jobs = 10;
  options.hooks.on_collect = [&](std::uint64_t before, std::uint64_t after) {
    EXPECT_LE(after, before);
    ++collections;
  };
  Fixture f(options);
  ASSERT_TRUE(f.runner->pin("npc", *f.image->fork()));
  for (int n = 0; n < 20; ++n) f.result_of(f.pinned("count", "npc"));
  f.runner->wait_idle();
  EXPECT_EQ(collections, 2);
  EXPECT_EQ(f.runner->stats().collections, 2);
}

TEST(ScriptRunner, ProfilesAreFoldedStacks) {
  Fixture f;
  f.runner->begin_profile(1000);
  std::promise<JobResult> ended;
  const auto id = f.runner->enqueue(
      source("local function inner() for i = 1, 1000 do end end while true do inner() end"),
      [&](JobResult result) { ended.set_value(std::move(result)); });
  std::string text;
  while (text.find("inner") == std::string::npos) {
    f.runner->begin_profile(1000);
    Job pause = f.job("nap", {0.02});
    f.result_of(std::move(pause));
    text = f.runner->end_profile();
  }
  f.runner->cancel(*id);
  EXPECT_EQ(ended.get_future().get().end, JobEnd::Cancelled);
  EXPECT_NE(text.find(';'), std::string::npos) << text;
}

// The pool of an engine that exists already.
class ForeignPool final : public Executor {
 public:
  bool submit(Task task) override {
    const std::lock_guard lock(mutex_);
    if (!is_open_) return false;
    tasks_.push_back(std::move(task));
    return true;
  }
  bool run_one() {
    Task task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  void end() {
    std::deque<Task> lost;
    const std::lock_guard lock(mutex_);
    is_open_ = false;
    lost.swap(tasks_);
    mutex_.unlock();
    lost.clear();
    mutex_.lock();
  }

 private:
  std::mutex mutex_;
  std::deque<Task> tasks_;
  bool is_open_ = true;
};

TEST(ScriptRunner, RunsOnAnEnginesPool) {
  auto pool = std::make_shared<ForeignPool>();
  RunnerOptions options;
  options.executor = pool;
  options.worker_count = 2;
  options.turns_per_task = 1;
  Fixture f(options);
  int count = 0;
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(f.runner->enqueue(f.job("add", {n, 1}), [&](JobResult) { ++count; }));
  }
  int tasks = 0;
  while (pool->run_one()) ++tasks;
  EXPECT_EQ(count, 5);
  EXPECT_GE(tasks, 5);  // one turn a task
}

TEST(ScriptRunner, JobsOfAPoolThatEndsAreTold) {
  Gate gate;
  auto pool = std::make_shared<ForeignPool>();
  RunnerOptions options;
  options.executor = pool;
  Fixture f(options, [&](Services& services) { services.add("ask", gate.function()); });
  auto asking = f.runner->run(f.job("ask", {1}));
  while (pool->run_one()) {
  }
  auto call = gate.next();
  auto queued = f.runner->run(f.job("add", {1, 1}));
  ASSERT_TRUE(f.runner->pin("npc", *f.image->fork()));
  auto holder = f.runner->run(f.pinned("count", "npc"));
  auto waiter = f.runner->run(f.pinned("count", "npc"));
  pool->end();
  EXPECT_EQ(asking.get().end, JobEnd::WorkerGone);
  EXPECT_EQ(queued.get().end, JobEnd::WorkerGone);
  EXPECT_EQ(holder.get().end, JobEnd::WorkerGone);
  EXPECT_EQ(waiter.get().end, JobEnd::WorkerGone);
  EXPECT_FALSE(call.second(results(1)));
  EXPECT_EQ(f.result_of(f.job("add", {1, 1})).rejection, Rejection::ShuttingDown);
}

TEST(ScriptRunner, AnswersMayOutliveIt) {
  Gate gate;
  std::optional<Responder> late;
  {
    Fixture f({}, [&](Services& services) { services.add("ask", gate.function()); });
    auto asking = f.runner->run(f.job("ask", {1}));
    late.emplace(std::move(gate.next().second));
    f.runner.reset();
    EXPECT_EQ(asking.get().end, JobEnd::Cancelled);
  }
  EXPECT_FALSE((*late)(results(1)));
}

}  // namespace
}  // namespace moonlet::runtime
