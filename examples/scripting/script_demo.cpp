// Two jobs in one state: what the first one leaves, the second one finds.
#include <cstdio>
#include <cstdlib>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

int main() {
  const Engine engine = *Engine::make();
  RunnerOptions options;
  options.worker_count = 1;  // one worker, one state, one order
  auto runner = ScriptRunner::make(engine, options);
  if (!runner) {
    std::fprintf(stderr, "%s\n", runner.error().c_str());
    return 1;
  }

  ActionQueue main_thread;
  int shown = 0;
  const auto show = [&](JobResult result) {
    ++shown;
    if (result.end != JobEnd::Value) {
      std::printf("%s: %s\n", text_of(result.end), result.message.c_str());
      return;
    }
    std::printf("counter is %s\n", to_json(result.values.at(0))->c_str());
  };
  for (int n = 0; n < 2; ++n) {
    Job job;
    job.program = SourceText{"counter = (counter or 0) + 1 return counter", "demo"};
    job.state = WorkerState{};
    if (!runner->enqueue(std::move(job), main_thread, show)) return 1;
  }
  // The main loop of an engine: once a frame, so much and no more.
  while (shown < 2) {
    main_thread.wait();
    main_thread.drain({.time_max = std::chrono::milliseconds(2)});
  }
}
