// Jobs a second, what an idle runner costs, how soon a job begins, and how fair a scheduler is.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include "moonlet/moonlet.hpp"
#include "moonlet/runtime/scheduler.hpp"
#include "moonlet/runtime/script_runner.hpp"

#if MOONLET_HAVE_LUA54
#include <lua.hpp>
#endif

namespace {

using namespace moonlet;
using namespace moonlet::runtime;
using Clock = std::chrono::steady_clock;

constexpr char kUsage[] =
    "usage: moonlet_runtime_figures [jobs] [idle] [fair] [forks]   (jobs idle fair)\n"
    "  jobs   a second: in the worker's state, in a fork each, in a fresh lua_State each\n"
    "  idle   processor time of a runner that waits; time from enqueue() to the job's start\n"
    "  fair   the share of one endless program among 10,000, a second at a time, and how long\n"
    "         programs are ready until their turn comes\n"
    "  forks, forks20000  jobs in a fork each alone, for profilers\n";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename T>
T must(std::expected<T, std::string> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().c_str());
    std::exit(1);
  }
  return std::move(*result);
}

std::string script() {
  std::ifstream file(MOONLET_SOURCE_DIR "/bench/states/small.lua");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t cores() { return std::max(std::thread::hardware_concurrency(), 1u); }

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// What a round took: with others on the machine, processor time says more than jobs a second.
struct Rate {
  double jobs_per_second;
  double processor_us;  // a job
};

class RateClock {
 public:
  Rate of(std::size_t count) const {
    const auto jobs = static_cast<double>(count);
    return {jobs / seconds_since(start_), (processor_seconds() - before_) * 1e6 / jobs};
  }

 private:
  const double before_ = processor_seconds();
  const Clock::time_point start_ = Clock::now();
};

// So many jobs of this program, which have to give values.
Rate run_jobs(const Engine& engine, const Image& image, const decltype(Job::program)& program,
              bool in_workers_state, std::size_t count) {
  RunnerOptions options;
  options.worker_count = cores();
  options.worker_image = image;
  options.jobs_max = 1'024;  // more would leave the cache
  ScriptRunner runner = must(ScriptRunner::make(engine, options));
  std::atomic<std::size_t> values{0};
  const RateClock clock;
  for (std::size_t n = 0; n < count;) {
    Job job;
    job.program = program;
    if (in_workers_state) job.state = WorkerState{};
    const auto id = runner.enqueue(std::move(job), [&values](JobResult result) {
      if (result.end == JobEnd::Value) values.fetch_add(1, std::memory_order_relaxed);
    });
    if (id) {
      ++n;
    } else {
      runner.wait_for_room();
    }
  }
  runner.wait_idle();
  const Rate rate = clock.of(count);
  if (values != count) {
    std::fprintf(stderr, "%zu of %zu jobs had values\n", values.load(), count);
    std::exit(1);
  }
  return rate;
}

#if MOONLET_HAVE_LUA54
int invoke(lua_State* lua) { return lua_yield(lua, lua_gettop(lua)); }
int export_function(lua_State* lua) {
  lua_settop(lua, 1);
  return 1;
}

void run_lua_job(const std::string& text) {
  lua_State* lua = luaL_newstate();
  luaL_openlibs(lua);
  lua_createtable(lua, 0, 2);
  lua_pushcfunction(lua, invoke);
  lua_setfield(lua, -2, "invoke");
  lua_pushcfunction(lua, export_function);
  lua_setfield(lua, -2, "export");
  lua_setglobal(lua, "sys");
  if (luaL_loadbuffer(lua, text.data(), text.size(), "=small") != LUA_OK ||
      lua_pcall(lua, 0, 1, 0) != LUA_OK || lua_getfield(lua, -1, "handlers") != LUA_TTABLE ||
      lua_getfield(lua, -1, "write") != LUA_TFUNCTION || lua_pcall(lua, 0, 1, 0) != LUA_OK) {
    std::fprintf(stderr, "%s\n", lua_tostring(lua, -1));
    std::exit(1);
  }
  lua_close(lua);
}

// Without a queue, on as many threads: the best that it can do.
Rate run_lua_jobs(const std::string& text, std::size_t count) {
  const RateClock clock;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < cores(); ++t) {
    threads.emplace_back([&] {
      for (std::size_t n = 0; n < count / cores(); ++n) run_lua_job(text);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return clock.of(count);
}
#endif

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void run_forks(std::size_t count) {
  const Engine engine = must(Engine::make());
  ImageOptions options;
  options.sources = {{"small", script(), "small.lua"}};
  const Image image = must(Image::compile(engine, options));
  const Handler write(image, "small", {"handlers", "write"});
  const Rate rate = run_jobs(engine, image, write, false, count);
  std::printf("in a fork each: %.0f jobs a second, %.2f us of processor time each\n",
              rate.jobs_per_second, rate.processor_us);
}

void print_jobs() {
  const Engine engine = must(Engine::make());
  const std::string text = script();
  ImageOptions options;
  options.sources = {{"small", text, "small.lua"}};
  const Image image = must(Image::compile(engine, options));
  // Changes each table of its script.
  const Handler write(image, "small", {"handlers", "write"});
  std::vector<Rate> own;
  std::vector<Rate> forks;
  std::vector<Rate> texts;
  std::vector<Rate> fresh;
  std::vector<double> ratios;
  std::vector<double> processor_ratios;
  for (int round = 0; round < 9; ++round) {
    own.push_back(run_jobs(engine, image, write, true, 300'000));
    forks.push_back(run_jobs(engine, image, write, false, 300'000));
    texts.push_back(run_jobs(engine, image, SourceText{"return 6 * 7"}, false, 100'000));
#if MOONLET_HAVE_LUA54
    fresh.push_back(run_lua_jobs(text, 8'000));
    ratios.push_back(forks.back().jobs_per_second / fresh.back().jobs_per_second);
    processor_ratios.push_back(fresh.back().processor_us / forks.back().processor_us);
#endif
  }
  const auto print = [](const char* name, const std::vector<Rate>& rates) {
    std::vector<double> jobs;
    std::vector<double> times;
    for (const Rate& rate : rates) {
      jobs.push_back(rate.jobs_per_second);
      times.push_back(rate.processor_us);
    }
    std::printf("  %-24s %10.0f, %7.2f us of processor time each\n", name, median(jobs),
                median(times));
  };
  std::printf("jobs a second, %zu workers, medians of %zu rounds\n", cores(), own.size());
  print("in the worker's state", own);
  print("in a fork each", forks);
  print("of a source, fork each", texts);
  if (!fresh.empty()) {
    print("in a fresh lua_State", fresh);
    std::printf("  fork to fresh lua_State  %10.1f, by processor time %.1f\n", median(ratios),
                median(processor_ratios));
  }
}

void print_idle() {
  const Engine engine = must(Engine::make(message_functions()));
  ImageOptions image_options;
  image_options.sources = {{"m",
                            "return {none = function() end, nap = function() sys.sleep(1e6) end,"
                            " wait = function() sys.receive() end}",
                            "m.lua"}};
  const Image image = must(Image::compile(engine, image_options));
  RunnerOptions options;
  options.worker_count = cores();
  ScriptRunner runner = must(ScriptRunner::make(engine, options));
  Scheduler scheduler;
  const Handler none(image, "m", {"none"});
  // Something waits in each way.
  Job nap;
  nap.program = Handler(image, "m", {"nap"});
  const bool is_asleep = runner.enqueue(std::move(nap), [](JobResult) {}).has_value();
  Vm vm = must(image.fork());
  const bool is_started = vm.start("m", {"wait"}, {}).has_value();
  if (!is_asleep || !is_started || !scheduler.add(std::move(vm))) std::exit(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double before = processor_seconds();
  std::this_thread::sleep_for(std::chrono::seconds(5));
  std::printf("idle for 5 s: %.2f ms of processor time\n", (processor_seconds() - before) * 1e3);

  std::atomic<std::int64_t> started{0};
  options.hooks.on_start = [&](JobId) { started = Clock::now().time_since_epoch().count(); };
  ScriptRunner timed = must(ScriptRunner::make(engine, options));
  std::vector<double> times;
  for (int n = 0; n < 1000; ++n) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // until it truly idles
    Job job;
    job.program = none;
    const std::int64_t sent = Clock::now().time_since_epoch().count();
    static_cast<void>(timed.run(std::move(job)).get());
    times.push_back(static_cast<double>(started - sent) / 1e3);
  }
  std::sort(times.begin(), times.end());
  std::printf("from enqueue to start, idle before: median %.1f us, 99 %% within %.1f us\n",
              times[times.size() / 2], times[times.size() * 99 / 100]);
}

// How long programs were ready until their turn came: of one in 61, so that looking costs little.
class Delays {
 public:
  void is_ready(const Turn& turn) {
    if (!is_sampled(turn)) return;
    const std::lock_guard lock(mutex_);
    since_.try_emplace(&turn, Clock::now());  // one from another thread has been ready before
  }
  void is_taken(const Turn& turn) {
    if (!is_sampled(turn)) return;
    const std::lock_guard lock(mutex_);
    const auto found = since_.find(&turn);
    if (found == since_.end()) return;
    milliseconds_.push_back(seconds_since(found->second) * 1e3);
    since_.erase(found);
  }
  std::vector<double> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(milliseconds_, {});
  }

 private:
  static bool is_sampled(const Turn& turn) {
    return (reinterpret_cast<std::uintptr_t>(&turn) >> 4) % 61 == 0;
  }
  std::mutex mutex_;
  std::unordered_map<const Turn*, Clock::time_point> since_;
  std::vector<double> milliseconds_;
};

class TimedPolicy final : public Policy {
 public:
  explicit TimedPolicy(Delays& delays) : delays_(delays) {}
  void add(Turn& turn) override {
    delays_.is_ready(turn);
    fair_.add(turn);
  }
  void put_back(Turn& turn) override {
    delays_.is_ready(turn);
    fair_.put_back(turn);
  }
  Turn* take() override {
    Turn* turn = fair_.take();
    if (turn != nullptr) delays_.is_taken(*turn);
    return turn;
  }
  Turn* give() override { return fair_.give(); }
  std::size_t count() const override { return fair_.count(); }
  void charge(Turn& turn, std::uint64_t fuel, std::uint64_t slice_fuel) override {
    fair_.charge(turn, fuel, slice_fuel);
  }
  std::uint64_t progress() const override { return fair_.progress(); }
  void catch_up(std::uint64_t progress) override { fair_.catch_up(progress); }

 private:
  Delays& delays_;
  FairPolicy fair_;
};

void print_fair(std::size_t thread_count) {
  const Engine engine = must(Engine::make());
  ImageOptions image_options;
  image_options.sources = {{"m",
                            "local function spin() while true do end end\n"
                            "local function build() while true do local t = {} for i = 1, 20 do "
                            "t[i] = i end end end\n"
                            "local function text() while true do local s = '' for i = 1, 20 do "
                            "s = s .. i end end end\n"
                            "return {spin = spin, build = build, text = text}",
                            "m.lua"}};
  const Image image = must(Image::compile(engine, image_options));
  Delays delays;
  SchedulerOptions options;
  options.thread_count = thread_count;
  options.policy = [&] { return std::make_unique<TimedPolicy>(delays); };
  Scheduler scheduler(options);
  static constexpr const char* kNames[] = {"spin", "build", "text"};
  constexpr int kCount = 10'001;
  std::string endless;
  for (int n = 0; n < kCount; ++n) {
    Vm vm = must(image.fork());
    if (!vm.start(EntryPoint(image, "m", {kNames[n % 3]}), {})) std::exit(1);
    const std::string id = must(scheduler.add(std::move(vm)));
    if (n == 0) endless = id;
  }
  std::this_thread::sleep_for(std::chrono::seconds(1));
  static_cast<void>(delays.take());
  const std::uint64_t turns_before = scheduler.stats().turns;
  const auto start = Clock::now();
  std::printf("%zu threads: share of one endless program among %d, by fuel, over each second:",
              thread_count, kCount - 1);
  for (int second = 0; second < 8; ++second) {
    const std::uint64_t all = scheduler.stats().fuel;
    const std::uint64_t mine = scheduler.find(endless)->fuel;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const auto used = static_cast<double>(scheduler.find(endless)->fuel - mine);
    std::printf(" %.3f", used * kCount / static_cast<double>(scheduler.stats().fuel - all));
  }
  // A slice, as long as it takes here, times those that are ready on a thread.
  const auto turns = static_cast<double>(scheduler.stats().turns - turns_before);
  const double round_ms = seconds_since(start) * 1e3 / turns * kCount;
  std::vector<double> times = delays.take();
  std::sort(times.begin(), times.end());
  const double late = times[times.size() * 99 / 100];
  std::printf(
      " (%.0f rounds a second)\n"
      "  ready until its turn, %zu times: median %.1f ms, 99 %% within %.1f ms;"
      " slice times ready ones of a thread %.1f ms, of which that is %.2f\n",
      1e3 / round_ms, times.size(), times[times.size() / 2], late, round_ms, late / round_ms);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> wanted(argv + 1, argv + argc);
  if (wanted.empty()) wanted = {"jobs", "idle", "fair"};
  for (const std::string& name : wanted) {
    if (name == "jobs") {
      print_jobs();
    } else if (name == "idle") {
      print_idle();
    } else if (name == "fair") {
      print_fair(1);
      if (cores() > 1) print_fair(cores());
    } else if (name == "forks") {
      run_forks(1'000'000);
    } else if (name == "forks20000") {
      run_forks(20'000);
    } else {
      std::fputs(kUsage, stderr);
      return 2;
    }
  }
  return 0;
}
