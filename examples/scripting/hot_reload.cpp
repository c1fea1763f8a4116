// Hot reload: new forks run the new image, running ones end on the old, idle ones are upgraded.
// docs/patterns/hot_reload.md
#include <cstdio>
#include <future>
#include <mutex>
#include <optional>
#include <string>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/script_runner.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

constexpr char kOld[] = R"lua(
  local visits = 0
  return {
    greet = function() visits = visits + 1 return "hello, visit " .. visits end,
    order = function() local item = ask() return "sold a " .. item .. " the old way" end,
  }
)lua";
constexpr char kNew[] = R"lua(
  local visits = 0
  return {
    greet = function() visits = visits + 1 return "welcome back, visit " .. visits end,
    order = function() local item = ask() return "sold a " .. item .. " the new way" end,
  }
)lua";

// The program's current image; a file watcher or a console command would replace it.
class Current {
 public:
  Current(const Engine& engine, const char* text) : engine_(engine) { replace(text); }
  void replace(const char* text) {
    ImageOptions options;
    options.sources = {{"shop", text, "shop.lua"}};
    auto image = Image::compile(engine_, options);
    if (!image) {  // one that does not compile changes nothing
      std::fprintf(stderr, "%s\n", image.error().c_str());
      return;
    }
    const std::lock_guard lock(mutex_);
    image_.emplace(std::move(*image));
  }
  Image image() const {
    const std::lock_guard lock(mutex_);
    return *image_;
  }

 private:
  const Engine engine_;
  mutable std::mutex mutex_;
  std::optional<Image> image_;
};

int main() {
  std::promise<Responder> asked;
  auto services = std::make_shared<Services>();
  bool is_first = true;
  services->add("ask", [&](AsyncCall, Responder respond) {
    if (std::exchange(is_first, false)) {
      asked.set_value(std::move(respond));  // answers later
    } else {
      respond(results("rope"));
    }
  });
  const Engine engine = *Engine::make(services->functions());
  RunnerOptions options;
  options.services = services;
  options.worker_count = 1;
  auto runner = ScriptRunner::make(engine, options);
  if (!runner) return 1;
  Current current(engine, kOld);

  const auto run = [&](const char* handler, bool is_pinned) {
    Job job;
    job.program = Handler(current.image(), "shop", {handler});
    if (is_pinned) job.state = PinnedState{"keeper"};
    return runner->run(std::move(job));
  };
  const auto text = [](std::future<JobResult> future) {
    const JobResult result = future.get();
    return result.end == JobEnd::Value ? *result.values.at(0).string() : result.message;
  };

  if (!runner->pin("keeper", *current.image().fork())) return 1;
  const std::string before = text(run("greet", true));
  auto under_way = run("order", false);
  Responder answer = asked.get_future().get();

  current.replace("return {");  // refused, with the reason
  current.replace(kNew);
  std::optional<UpgradeReport> report;
  const bool was_idle = runner->with_pinned("keeper", [&](Vm& vm) {
    if (auto upgraded = vm.upgrade(current.image())) report = *upgraded;
  });
  const std::string after = text(run("greet", true));
  const std::string fresh = text(run("order", false));
  answer(results("lamp"));
  const std::string old = text(std::move(under_way));

  std::printf("%s\n%s\n%s\n%s\n", before.c_str(), after.c_str(), fresh.c_str(), old.c_str());
  return was_idle && report && before == "hello, visit 1" && after == "welcome back, visit 2" &&
                 fresh == "sold a rope the new way" && old == "sold a lamp the old way"
             ? 0
             : 1;
}
