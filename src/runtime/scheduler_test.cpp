#include "moonlet/runtime/scheduler.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"

namespace moonlet::runtime {
namespace {

using std::chrono::milliseconds;

constexpr char kScript[] = R"lua(
  return {
    spin = function() while true do end end,
    add = function(a, b) return a + b end,
    fail = function() error("no luck") end,
    work = function(n) local sum = 0 for i = 1, n do sum = sum + i end return sum end,
    nap = function(seconds) sys.sleep(seconds) return "awake" end,
    ask = function(x) return sys.invoke("ask", x) end,
    echo = function()
      while true do
        local message = sys.receive()
        if message == "stop" then return "stopped" end
        sys.send(message.from, message.n + 1)
      end
    end,
    ping = function(to, times)
      local n = 0
      for i = 1, times do
        assert(sys.send(to, {from = sys.self(), n = n}))
        n = sys.receive()
      end
      sys.send(to, "stop")
      return n
    end,
    collect = function(count)
      local list = {}
      for i = 1, count do list[i] = sys.receive() end
      return list
    end,
    wait = function(seconds) return sys.receive(seconds) end,
    poll = function() return sys.receive(0) end,
    tell = function(to, value) return sys.send(to, value) end,
    mark = function(name) sys.log("info", name) sys.log("info", name) end,
  }
)lua";

struct Fixture {
  std::shared_ptr<Services> services = std::make_shared<Services>();
  std::optional<Image> image;
  std::optional<Scheduler> scheduler;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, ProgramEnd> ends;
  int names = 0;

  explicit Fixture(SchedulerOptions options = {}, std::function<void(Services&)> fill = {}) {
    if (fill) fill(*services);
    std::vector<HostFunction> functions = services->functions();
    for (HostFunction& function : message_functions()) functions.push_back(std::move(function));
    ImageOptions image_options;
    image_options.sources = {{"m", kScript, "m.lua"}};
    auto made = Image::compile(*Engine::make(std::move(functions)), image_options);
    EXPECT_TRUE(made) << made.error();
    image = *made;
    options.services = services;
    scheduler.emplace(std::move(options));
  }

  Vm vm(const std::string& name, const std::vector<Value>& arguments = {}, std::string id = {}) {
    ForkOptions fork;
    fork.id = id.empty() ? "vm" + std::to_string(++names) : std::move(id);
    Vm made = *image->fork(fork);
    EXPECT_TRUE(made.start("m", {name}, arguments));
    return made;
  }
  ProgramOptions told(ProgramOptions options = {}) {
    options.on_end = [this](ProgramEnd end) {
      const std::lock_guard lock(mutex);
      const std::string id = end.id;
      EXPECT_TRUE(ends.emplace(id, std::move(end)).second) << "ended twice";
      changed.notify_all();
    };
    return options;
  }
  std::string add(const std::string& name, const std::vector<Value>& arguments = {},
                  ProgramOptions options = {}, std::string id = {}) {
    auto added = scheduler->add(vm(name, arguments, std::move(id)), told(std::move(options)));
    EXPECT_TRUE(added) << added.error();
    return *added;
  }
  Outcome end_of(const std::string& id) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ends.contains(id); });
    return ends.at(id).outcome;
  }
  std::vector<Value> values_of(const std::string& id) {
    const Outcome outcome = end_of(id);
    const auto* finished = std::get_if<Finished>(&outcome);
    if (finished != nullptr) return finished->values;
    const Failed* failed = error_of(outcome);
    return {failed != nullptr ? failed->message : "no value"};
  }
  void wait_until_waiting(const std::string& id, const std::string& what) {
    for (;;) {
      const auto info = scheduler->find(id);
      if (info && info->state == ProgramState::Waiting && info->waits_for == what) return;
      std::this_thread::yield();
    }
  }
};

TEST(Scheduler, ProgramsEndOnceWithTheirOutcome) {
  Fixture f;
  EXPECT_EQ(f.values_of(f.add("add", {1, 2})), (std::vector<Value>{3}));
  EXPECT_EQ(f.values_of(f.add("fail")), (std::vector<Value>{"m.lua:5: no luck"}));
  EXPECT_EQ(f.values_of(f.add("nap", {0.001})), (std::vector<Value>{"awake"}));
  const std::string spin = f.add("spin");
  EXPECT_TRUE(f.scheduler->kill(spin));
  EXPECT_TRUE(std::holds_alternative<Killed>(f.end_of(spin)));
  f.scheduler->wait_all_ended();
  EXPECT_FALSE(f.scheduler->kill(spin));
  EXPECT_EQ(f.scheduler->stats().programs, 0);
}

TEST(Scheduler, RefusesTwoOfOneIdAndTooMany) {
  SchedulerOptions options;
  options.programs_max = 1;
  Fixture f(options);
  f.add("spin", {}, {}, "a");
  EXPECT_EQ(f.scheduler->add(f.vm("spin", {}, "b")).error(), "there are too many programs");
  EXPECT_EQ(f.scheduler->stats().refused, 1);
  Fixture g;
  g.add("spin", {}, {}, "a");
  EXPECT_EQ(g.scheduler->add(g.vm("spin", {}, "a")).error(),
            "there is a program of this id already");
}

TEST(Scheduler, MessagesGoBothWays) {
  Fixture f;
  const std::string echo = f.add("echo", {}, {}, "echo");
  const std::string ping = f.add("ping", {"echo", 500});
  EXPECT_EQ(f.values_of(ping), (std::vector<Value>{500}));
  EXPECT_EQ(f.values_of(echo), (std::vector<Value>{"stopped"}));
}

TEST(Scheduler, AMailboxKeepsItsOrderAndItsBound) {
  Fixture f;
  ProgramOptions options;
  options.mailbox_max = 3;
  const std::string id = f.add("nap", {3600}, options);
  f.wait_until_waiting(id, "sys.sleep");
  for (int n = 0; n < 3; ++n) EXPECT_EQ(f.scheduler->send(id, n), Sent::Delivered);
  EXPECT_EQ(f.scheduler->send(id, 3), Sent::MailboxFull);
  EXPECT_EQ(f.scheduler->find(id)->mailbox_size, 3);
  EXPECT_EQ(f.scheduler->send("nobody", 1), Sent::NoSuchProgram);
  EXPECT_EQ(f.values_of(f.add("tell", {id, 1})), (std::vector<Value>{false, "mailbox full"}));
  const std::string collector = f.add("collect", {3});
  f.wait_until_waiting(collector, "sys.receive");
  for (int n = 0; n < 3; ++n) EXPECT_EQ(f.scheduler->send(collector, n), Sent::Delivered);
  EXPECT_EQ(f.values_of(collector), (std::vector<Value>{Value(Value::Array{0, 1, 2})}));
}

TEST(Scheduler, ReceiveTimesOut) {
  Fixture f;
  EXPECT_EQ(f.values_of(f.add("wait", {0.001})), (std::vector<Value>{Value(), "timeout"}));
  EXPECT_EQ(f.values_of(f.add("poll")), (std::vector<Value>{Value(), "timeout"}));
  EXPECT_EQ(
      f.values_of(f.add("wait", {-1})),
      (std::vector<Value>{"m.lua:30: sys.receive: seconds are a number from 0 on, or nothing"}));
}

TEST(Scheduler, MailboxAndSleepAreFrozenWithTheProgram) {
  std::vector<SavedProgram> saved;
  std::string slept;
  {
    Fixture f;
    const std::string sleeper = f.add("nap", {0.01}, {}, "sleeper");
    const std::string collector = f.add("collect", {3}, {}, "collector");
    f.wait_until_waiting(collector, "sys.receive");
    EXPECT_EQ(f.scheduler->send(collector, "a"), Sent::Delivered);
    const std::string busy = f.add("work", {200'000'000}, {}, "busy");
    EXPECT_EQ(f.scheduler->send(busy, "kept"), Sent::Delivered);
    saved = f.scheduler->shutdown();
    EXPECT_FALSE(f.scheduler->add(f.vm("spin")));
  }
  ASSERT_GE(saved.size(), 2);
  Fixture g;
  for (const SavedProgram& each : saved) {
    EXPECT_EQ(each.error, "");
    auto restored = g.scheduler->restore(*g.image, each.bytes, g.told());
    ASSERT_TRUE(restored) << restored.error();
    EXPECT_EQ(*restored, each.id);
    if (each.id == "busy") {
      EXPECT_EQ(g.scheduler->find("busy")->mailbox_size, 1);
      EXPECT_TRUE(g.scheduler->kill("busy"));
    }
    if (each.id == "sleeper") slept = *restored;
  }
  EXPECT_EQ(g.scheduler->send("collector", "b"), Sent::Delivered);
  EXPECT_EQ(g.scheduler->send("collector", "c"), Sent::Delivered);
  EXPECT_EQ(g.values_of("collector"), (std::vector<Value>{Value(Value::Array{"a", "b", "c"})}));
  if (!slept.empty()) {
    EXPECT_EQ(g.values_of(slept), (std::vector<Value>{"awake"}));
  }
  EXPECT_FALSE(g.scheduler->restore(*g.image, "no bytes"));
}

TEST(Scheduler, ACallIsAskedAgainAfterATrip) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<AsyncCall, Responder>> calls;
  const auto fill = [&](Services& services) {
    services.add("ask", [&](AsyncCall call, Responder respond) {
      const std::lock_guard lock(mutex);
      calls.emplace_back(std::move(call), std::move(respond));
      changed.notify_all();
    });
  };
  const auto wait_for_calls = [&](std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return calls.size() == count; });
  };
  std::vector<SavedProgram> saved;
  {
    Fixture f({}, fill);
    const std::string id = f.add("ask", {5});
    wait_for_calls(1);
    f.wait_until_waiting(id, "ask");
    saved = f.scheduler->shutdown();
    EXPECT_TRUE(calls[0].first.stop.stop_requested());
    EXPECT_FALSE(calls[0].second(results(1)));
  }
  Fixture g({}, fill);
  auto restored = g.scheduler->restore(*g.image, saved.at(0).bytes, g.told());
  ASSERT_TRUE(restored) << restored.error();
  wait_for_calls(2);
  EXPECT_EQ(calls[1].first.key(), calls[0].first.key());
  EXPECT_TRUE(calls[1].second(results("answer")));
  EXPECT_EQ(g.values_of(*restored), (std::vector<Value>{"answer"}));
}

TEST(Scheduler, ProgramsCanBeSavedAndLookedAtWhileTheyRun) {
  SchedulerOptions options;
  options.thread_count = 2;
  Fixture f(options);
  const std::string spin = f.add("spin");
  const std::string other = f.add("spin");
  while (f.scheduler->find(other)->fuel == 0) std::this_thread::yield();
  for (int n = 0; n < 20; ++n) {
    auto bytes = f.scheduler->save(spin);
    ASSERT_TRUE(bytes) << bytes.error();
    EXPECT_TRUE(f.scheduler->with_program(other, [](Vm& vm) {
      ASSERT_FALSE(vm.stack().empty());
      EXPECT_EQ(vm.stack()[0].source, "m.lua");
    }));
  }
  EXPECT_TRUE(f.scheduler->with_program(spin, [&](Vm&) { EXPECT_TRUE(f.scheduler->kill(spin)); }));
  EXPECT_TRUE(std::holds_alternative<Killed>(f.end_of(spin)));
  EXPECT_FALSE(f.scheduler->save("nobody"));
}

TEST(Scheduler, WaitingProgramsMayRest) {
  SchedulerOptions options;
  options.rests_while_waiting = true;
  Fixture f(options);
  const std::string collector = f.add("collect", {2});
  f.wait_until_waiting(collector, "sys.receive");
  EXPECT_TRUE(f.scheduler->with_program(collector, [](Vm& vm) { EXPECT_TRUE(vm.is_resting()); }));
  EXPECT_EQ(f.scheduler->send(collector, 1), Sent::Delivered);
  EXPECT_EQ(f.scheduler->send(collector, 2), Sent::Delivered);
  EXPECT_EQ(f.values_of(collector), (std::vector<Value>{Value(Value::Array{1, 2})}));
}

// Marks of programs that log twice and let others go first, as one thread runs them.
std::string order_of(const PolicyMaker& policy,
                     const std::vector<std::pair<std::string, ProgramOptions>>& programs) {
  std::string order;
  SchedulerOptions options;
  options.thread_count = 0;
  options.policy = policy;
  options.on_log = [&](const std::string& id, const std::string&, const std::vector<Value>&) {
    order += id;
  };
  Fixture f(options);
  for (const auto& [name, each] : programs) f.add("mark", {name}, each, name);
  f.scheduler->poll({});
  EXPECT_EQ(f.ends.size(), programs.size());
  return order;
}

TEST(Scheduler, PoliciesChooseTheOrder) {
  const auto now = std::chrono::steady_clock::now();
  ProgramOptions low{.priority = 1};
  ProgramOptions high{.priority = 2};
  EXPECT_EQ(order_of([] { return std::make_unique<PriorityPolicy>(); },
                     {{"a", low}, {"b", high}, {"c", low}}),
            "bbaacc");
  ProgramOptions soon{.deadline = now + milliseconds(1)};
  ProgramOptions late{.deadline = now + milliseconds(2)};
  EXPECT_EQ(order_of([] { return std::make_unique<DeadlinePolicy>(); },
                     {{"a", {}}, {"b", late}, {"c", soon}}),
            "ccbbaa");
}

std::uint64_t fuel_of(Scheduler& scheduler, const std::string& id) {
  return scheduler.find(id)->fuel;
}

TEST(Scheduler, SharesAreKept) {
  SchedulerOptions options;
  options.thread_count = 0;
  options.slice_fuel_max = 5'000;
  Fixture f(options);
  const std::string one = f.add("spin");
  const std::string three = f.add("spin", {}, {.share = 3});
  // Together as much as `one`, however many they are.
  std::vector<std::string> crowd;
  for (int n = 0; n < 5; ++n) crowd.push_back(f.add("spin", {}, {.owner = "crowd"}));
  f.scheduler->poll({.turns_max = 5'000});
  const double base = static_cast<double>(fuel_of(*f.scheduler, one));
  EXPECT_NEAR(static_cast<double>(fuel_of(*f.scheduler, three)) / base, 3.0, 0.05);
  double together = 0;
  for (const std::string& id : crowd) together += static_cast<double>(fuel_of(*f.scheduler, id));
  EXPECT_NEAR(together / base, 1.0, 0.05);
}

TEST(Scheduler, AnEndlessProgramGetsItsShareAndNoMore) {
  SchedulerOptions options;
  options.thread_count = 0;
  options.slice_fuel_max = 2'000;
  Fixture f(options);
  const std::string endless = f.add("spin");
  constexpr int kOthers = 1'000;
  for (int n = 0; n < kOthers; ++n) f.add("work", {std::int64_t{1} << 60});
  for (int window = 0; window < 3; ++window) {
    const std::uint64_t all_before = f.scheduler->stats().fuel;
    const std::uint64_t before = fuel_of(*f.scheduler, endless);
    f.scheduler->poll({.turns_max = 40 * (kOthers + 1)});
    const std::uint64_t used = fuel_of(*f.scheduler, endless) - before;
    const std::uint64_t all = f.scheduler->stats().fuel - all_before;
    EXPECT_NEAR(static_cast<double>(used) * (kOthers + 1) / static_cast<double>(all), 1.0, 0.05);
  }
}

// Two threads that the system holds up as it likes: what a program lacks meanwhile, it gets later.
// The 5 % of a second are bench/runtime's.
// A long slice of one that was alone must not be held against it for hundreds of short ones.
TEST(Scheduler, WhoWasAloneDoesNotWaitForTheOthersToHaveHadAsMuch) {
  SchedulerOptions options;
  options.thread_count = 0;
  Fixture f(options);
  const std::string endless = f.add("spin");
  f.scheduler->poll({.turns_max = 3});
  const std::uint64_t alone = fuel_of(*f.scheduler, endless);
  EXPECT_GE(alone, 3 * options.slice_fuel_max);
  constexpr int kOthers = 5'000;
  for (int n = 0; n < kOthers; ++n) f.add("spin");
  f.scheduler->poll({.turns_max = 2 * (kOthers + 1)});
  EXPECT_GE(fuel_of(*f.scheduler, endless), alone + options.slice_fuel_min);
}

TEST(Scheduler, SharesHoldOverThreads) {
  SchedulerOptions options;
  options.thread_count = 2;
  options.slice_fuel_max = 2'000;
  Fixture f(options);
  const std::string endless = f.add("spin");
  constexpr int kOthers = 400;
  for (int n = 0; n < kOthers; ++n) f.add("work", {std::int64_t{1} << 60});
  // Other programs of the machine may take a thread's processor for a while, so some spans may be
  // off; not one after the other.
  const std::uint64_t span = std::uint64_t{500} * (kOthers + 1) * 2'000;
  double share = 0;
  for (int n = 0; n < 20 && !(share > 0.85 && share < 1.15); ++n) {
    const std::uint64_t all_before = f.scheduler->stats().fuel;
    const std::uint64_t mine_before = fuel_of(*f.scheduler, endless);
    while (f.scheduler->stats().fuel - all_before < span) std::this_thread::yield();
    const auto mine = static_cast<double>(fuel_of(*f.scheduler, endless) - mine_before);
    share = mine * (kOthers + 1) / static_cast<double>(f.scheduler->stats().fuel - all_before);
  }
  EXPECT_LT(share, 1.15);
  EXPECT_GT(share, 0.85);
}

TEST(Scheduler, ThreadsShareTheWork) {
  SchedulerOptions options;
  options.thread_count = 4;
  Fixture f(options);
  for (int n = 0; n < 2'000; ++n) f.add("work", {1'000});
  f.scheduler->wait_all_ended();
  EXPECT_EQ(f.ends.size(), 2'000);
  EXPECT_EQ(f.scheduler->stats().ended, 2'000);
}

TEST(Scheduler, EverythingAtOnce) {
  SchedulerOptions options;
  options.thread_count = 3;
  options.slice_fuel_max = 3'000;
  Fixture f(options, [](Services& services) {
    services.add("ask",
                 [](AsyncCall call, Responder respond) { respond(results(call.arguments.at(0))); });
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 300; ++n) {
        const std::string id = std::to_string(t) + "." + std::to_string(n);
        static constexpr const char* kNames[] = {"spin", "work", "wait", "ask", "nap", "collect"};
        ForkOptions fork;
        fork.id = id;
        Vm vm = *f.image->fork(fork);
        ASSERT_TRUE(vm.start("m", {kNames[n % 6]}, {n % 6 == 1 ? 20'000 : n % 6 == 4 ? 0 : 1}));
        ASSERT_TRUE(f.scheduler->add(std::move(vm), f.told()));
        static_cast<void>(f.scheduler->send(id, n));
        if (n % 3 == 0) static_cast<void>(f.scheduler->save(id));
        if (n % 6 == 0) static_cast<void>(f.scheduler->kill(id));
        if (n % 6 == 2) f.scheduler->send(id, 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  f.scheduler->wait_all_ended();
  EXPECT_EQ(f.ends.size(), 1'200);
}

}  // namespace
}  // namespace moonlet::runtime
