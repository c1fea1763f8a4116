// How long after an interrupt run() returns, in programs that make it hard.
#include <atomic>
#include <ctime>
#include <random>
#include <thread>

#include <pthread.h>

#include "bench/figures/figures.hpp"
#include "bench/figures/timing.hpp"

namespace figures {

using moonlet::Vm;

namespace {

struct Hostile {
  const char* name;
  const char* body;  // of a loop without end; may use what `prepare` made
  const char* prepare;
};

constexpr Hostile kPrograms[] = {
    {"empty loop", "", ""},
    {"calls", "f(20)", "local function f(n) if n > 0 then f(n - 1) end end"},
    {"small tables (collector)", "t[i % 1000] = {i, {i}}; i = i + 1", "local t, i = {}, 0"},
    {"garbage over a large heap (collector)", "k = {k = 1, {}}",
     "local heap, k = {}, nil for i = 1, 300000 do heap[i] = {i, n = {}} end"},
    {"string.rep", "s = ('ab'):rep(500000)", "local s"},
    {"growing text", "s = s .. s if #s > 4000000 then s = 'x' end", "local s = 'x'"},
    {"table.concat", "s = table.concat(t, ',')",
     "local s, t = nil, {} for i = 1, 200000 do t[i] = i end"},
    {"table.sort", "for i = 1, #t do t[i] = (i * 7919) % 100003 end table.sort(t)",
     "local t = {} for i = 1, 100000 do t[i] = i end"},
    {"table.insert at the front", "table.insert(t, 1, 0) table.remove(t, 1)",
     "local t = {} for i = 1, 300000 do t[i] = i end"},
    {"table.unpack", "f(table.unpack(t))",
     "local t = {} for i = 1, 50000 do t[i] = i end local function f(...) return ... end"},
    {"growing table", "local t = {} for i = 1, 400000 do t[i] = i end", ""},
    {"growing dictionary", "local t = {} for i = 1, 200000 do t[i * 1.5] = i end", ""},
    {"plain find", "s:find(n, 1, true)", "local s, n = ('a'):rep(1000000), ('a'):rep(1000) .. 'b'"},
    {"pattern with many ways", "s:find('.-.-.-b')", "local s = ('a'):rep(500)"},
    {"gsub over a long text", "s:gsub('a', 'bb')", "local s = ('a'):rep(300000)"},
    {"string.format", "string.format('%99.99f %s', 1e300, s)", "local s = ('a'):rep(300000)"},
    {"load of a long source", "load(s)", "local s = ('x = 1 '):rep(20000)"},
    {"coroutines", "co()",
     "local co = coroutine.wrap(function() while true do coroutine.yield() end end)"},
};

State compile_hostile(const Hostile& program) {
  return compile_source("hostile",
                        std::string("return {handlers = {spin = sys.export(function() ") +
                            program.prepare + " while true do " + program.body + " end end)}}");
}

struct Latencies {
  std::vector<double> wall;
  std::vector<double> processor;  // what other programs took is not in it
};

double processor_seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// What the interrupting thread saw when it interrupted.
struct Flag {
  double processor;
  Clock::time_point wall;
};

bool is_interrupted(const moonlet::Outcome& outcome) {
  const auto* preempted = std::get_if<moonlet::Preempted>(&outcome);
  return preempted != nullptr && preempted->reason == moonlet::PreemptReason::Interrupt;
}

std::string message_of(const moonlet::Outcome& outcome) {
  const auto* failed = moonlet::error_of(outcome);
  return failed != nullptr ? failed->message : "outcome " + std::to_string(outcome.index());
}

// Interrupts something endless at random moments, and takes the time until `run` returns. What is
// wrong with how it ended is what it answers.
template <class Run, class Interrupt>
Latencies time_interrupts(Run run, Interrupt interrupt, std::size_t count, double seconds_max) {
  clockid_t runner_clock;
  pthread_getcpuclockid(pthread_self(), &runner_clock);
  enum Turn : int { Idle, Running, Flagged, Over };
  std::atomic<int> turn{Idle};
  Flag flag{};
  std::thread interrupter([&] {
    std::minstd_rand random(1);
    for (;;) {
      while (turn == Idle || turn == Flagged) std::this_thread::yield();
      if (turn == Over) return;
      const auto until = Clock::now() + std::chrono::nanoseconds(random() % 500'000);
      while (Clock::now() < until) {
      }
      flag = {processor_seconds(runner_clock), Clock::now()};
      interrupt();
      turn = Flagged;
    }
  });
  Latencies latencies;
  const auto start = Clock::now();
  while (latencies.wall.size() < count && seconds_since(start) < seconds_max) {
    turn = Running;
    const std::string problem = run();
    const double processor = processor_seconds(runner_clock);
    const auto end = Clock::now();
    while (turn != Flagged) {
    }
    if (!problem.empty()) {
      turn = Over;
      interrupter.join();
      fail(problem);
    }
    latencies.wall.push_back(std::chrono::duration<double>(end - flag.wall).count());
    latencies.processor.push_back(processor - flag.processor);
  }
  turn = Over;
  interrupter.join();
  return latencies;
}

Latencies time_program(const Hostile& program, std::size_t count, double seconds_max) {
  const State state = compile_hostile(program);
  Vm vm = must(state.image.fork());
  must(vm.start(state.name, {"handlers", "spin"}, {}));
  const auto ended = [&program](const moonlet::Outcome& outcome) {
    return std::string(program.name) + " ended: " + message_of(outcome);
  };
  // What the program prepares is not measured.
  const moonlet::Outcome first = vm.run({.fuel = 3'000'000});
  if (!std::holds_alternative<moonlet::Preempted>(first)) fail(ended(first));
  return time_interrupts(
      [&] {
        const moonlet::Outcome outcome = vm.run();
        return is_interrupted(outcome) ? std::string() : ended(outcome);
      },
      [&vm] { vm.interrupt(); }, count, seconds_max);
}

// What the machine adds to each of these figures: nothing but a loop that looks at a flag.
Latencies time_machine(std::size_t count, double seconds_max) {
  std::atomic<bool> flag = false;
  return time_interrupts(
      [&flag] {
        while (!flag.exchange(false, std::memory_order_relaxed)) {
          for (int n = 0; n < 100 && !flag.load(std::memory_order_relaxed); ++n) {
          }
        }
        return std::string();
      },
      [&flag] { flag = true; }, count, seconds_max);
}

std::string show_percentiles(const std::vector<double>& values) {
  return "99.9 % " + show_time(percentile(values, 0.999)) + ", median " +
         show_time(percentile(values, 0.5)) + ", longest " + show_time(percentile(values, 1));
}

}  // namespace

void print_interrupt_figures(const Options& options) {
  const double seconds = std::max(2.0, options.seconds / 10);
  const auto print = [](const std::string& name, const Latencies& latencies) {
    print_row("interrupt to return: " + name, show_time(percentile(latencies.processor, 0.999)),
              "processor time, 99.9 % of " + std::to_string(latencies.wall.size()) +
                  "; wall: " + show_percentiles(latencies.wall));
  };
  print("nothing, the machine alone", time_machine(options.interrupts, seconds));
  for (const Hostile& program : kPrograms) {
    print(program.name, time_program(program, options.interrupts, seconds));
  }
  print("nothing, once more", time_machine(options.interrupts, seconds));
}

}  // namespace figures
