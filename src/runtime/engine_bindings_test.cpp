#include "moonlet/runtime/engine_bindings.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "moonlet/moonlet.hpp"
#include "moonlet/runtime/script_runner.hpp"

namespace moonlet::runtime {
namespace {

struct Game {
  ActionQueue queue{{.capacity = 8}};
  EngineBindings bindings{queue};
  std::shared_ptr<Services> services = std::make_shared<Services>();
  std::optional<ScriptRunner> runner;

  void begin() {
    bindings.install(*services);
    RunnerOptions options;
    options.services = services;
    options.worker_count = 1;
    runner.emplace(*ScriptRunner::make(*Engine::make(services->functions()), options));
  }
  // Frames, until the job has ended.
  JobResult play(std::string text) {
    Job job;
    job.program = SourceText{std::move(text), "game"};
    std::optional<JobResult> result;
    EXPECT_TRUE(runner->enqueue(std::move(job), queue, [&](JobResult got) { result = got; }));
    while (!result) {
      queue.wait();
      queue.drain();
    }
    return *result;
  }
};

TEST(EngineBindings, ScriptsReachTheMainThread) {
  Game game;
  const std::thread::id main_thread = std::this_thread::get_id();
  std::string log;
  std::vector<std::uint64_t> spawned;
  std::vector<Value> posted;
  game.bindings.on_log = [&](const std::string& level, const std::string& text) {
    log += level + ":" + text + ";";
  };
  game.bindings.on_spawn = [&](std::uint64_t handle, const Value& what) {
    EXPECT_EQ(std::this_thread::get_id(), main_thread);
    EXPECT_EQ(*what.find("kind"), Value("orc"));
    spawned.push_back(handle);
  };
  game.bindings.add_function("note", [&](const std::vector<Value>& arguments) -> HostResult {
    posted.push_back(arguments.at(0));
    return results();
  });
  game.bindings.add_function("add", [&](const std::vector<Value>& arguments) -> HostResult {
    EXPECT_EQ(std::this_thread::get_id(), main_thread);
    return results(*arguments.at(0).integer() + *arguments.at(1).integer());
  });
  game.bindings.add_function("refuse", [](const std::vector<Value>&) -> HostResult {
    return std::unexpected(Value("not now"));
  });
  game.begin();
  const JobResult result = game.play(
      "engine.log('info', 'begin')\n"
      "local handle = engine.spawn_entity({kind = 'orc'})\n"
      "engine.post_to_main_thread('note', {n = 1})\n"
      "local sum = engine.call_main('add', 2, 3)\n"
      "local ok, why = pcall(engine.call_main, 'refuse')\n"
      "return handle, sum, ok, why");
  EXPECT_EQ(result.message, "");
  EXPECT_EQ(result.values, (std::vector<Value>{1, 5, false, "not now"}));
  EXPECT_EQ(log, "info:begin;");
  EXPECT_EQ(spawned, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(posted, (std::vector<Value>{Value(Value::Object{{"n", 1}})}));
}

TEST(EngineBindings, MistakesAreErrorsOfTheScript) {
  Game game;
  game.bindings.add_function("note", [](const std::vector<Value>&) { return results(); });
  game.begin();
  EXPECT_EQ(game.play("engine.post_to_main_thread('nothing')").message,
            "game:1: the main thread has no function 'nothing'");
  EXPECT_EQ(game.play("return engine.call_main('nothing')").message,
            "game:1: the main thread has no function 'nothing'");
  EXPECT_EQ(game.play("engine.log('info')").message,
            "game:1: bad argument #2 to 'log' (string expected, got no value)");
  Job job;
  job.program = SourceText{"for i = 1, 100 do engine.post_to_main_thread('note', i) end", "game"};
  EXPECT_EQ(game.runner->run(std::move(job)).get().message,
            "game:1: engine.post_to_main_thread: the main thread's queue is full");
}

}  // namespace
}  // namespace moonlet::runtime
