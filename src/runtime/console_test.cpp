#include "moonlet/runtime/console.hpp"

#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os/local_lines.hpp"
#include "moonlet/moonlet.hpp"

namespace moonlet::runtime {
namespace {

namespace os = base::os;

constexpr char kScript[] = R"lua(
  gold = 7
  return {
    spin = function() local turns = 0 while true do turns = turns + 1 end end,
    wait = function() local mood = "calm" sys.receive() return mood end,
    nap = function() sys.sleep(3600) end,
    spend = function() gold = gold - 1 return gold end,
  }
)lua";

std::string path_here(const char* name) {
  return std::filesystem::temp_directory_path() /
         ("moonlet-" + std::to_string(getpid()) + "-" + name);
}

struct Fixture {
  std::string path = path_here("console");
  Engine engine = *Engine::make(message_functions());
  Image image = compiled(engine);
  ScriptRunner runner = *ScriptRunner::make(engine);
  Scheduler scheduler;
  std::optional<Console> console;
  std::optional<os::LineClient> client;

  explicit Fixture(ConsoleOptions options = {}) {
    options.runner = &runner;
    options.scheduler = &scheduler;
    auto opened = Console::open(path, std::move(options));
    EXPECT_TRUE(opened) << opened.error();
    console.emplace(std::move(*opened));
    connect();
  }

  static Image compiled(const Engine& engine) {
    ImageOptions options;
    options.sources = {{"m", kScript, "m.lua"}, sources_module()};
    return *Image::compile(engine, options);
  }

  void connect() {
    auto made = os::LineClient::connect(path);
    ASSERT_TRUE(made) << os::error_text(made.error());
    client.emplace(std::move(*made));
  }

  // All lines of an answer, the last one included.
  std::string ask(const std::string& line) {
    if (client->send(line) != 0) return "(gone)";
    std::string text;
    for (;;) {
      const auto next = client->receive();
      if (!next) return text + "(gone)";
      text += *next + "\n";
      if (*next == "ok" || next->starts_with("! ")) return text;
    }
  }

  std::string add(const char* function) {
    Vm vm = *image.fork();
    EXPECT_TRUE(vm.start("m", {function}, {}));
    return "program:" + *scheduler.add(std::move(vm));
  }
  void pin(const std::string& name) { EXPECT_TRUE(runner.pin(name, *image.fork())); }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Console, TheFileIsItsOwnersAlone) {
  std::string path;
  {
    Fixture f;
    path = f.path;
    struct stat status;
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777, 0600);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Console, OnlyWhatAnotherHasLeftIsReplaced) {
  Fixture f;
  const auto twice = Console::open(f.path, {});
  ASSERT_FALSE(twice);
  EXPECT_TRUE(has(twice.error(), f.path)) << twice.error();
  EXPECT_TRUE(has(f.ask("help"), "ok\n"));  // it was left alone

  const std::string file = path_here("file");
  std::fclose(std::fopen(file.c_str(), "w"));
  EXPECT_FALSE(Console::open(file, {}));
  EXPECT_TRUE(std::filesystem::exists(file));
  std::filesystem::remove(file);

  EXPECT_FALSE(Console::open("/nowhere/at/all", {}));
  EXPECT_FALSE(Console::open(std::string(300, 'x'), {}));
}

TEST(Console, ListsWhatThereIs) {
  Fixture f;
  f.pin("shop");
  const std::string id = f.add("wait");
  while (f.scheduler.find(id.substr(8))->state != ProgramState::Waiting) std::this_thread::yield();
  const std::string list = f.ask("list");
  EXPECT_TRUE(has(list, "| pinned:shop\n")) << list;
  EXPECT_TRUE(has(list, "| " + id + " waiting in sys.receive")) << list;
}

TEST(Console, ShowsWhereProgramsAndJobsStand) {
  Fixture f;
  const std::string waits = f.add("wait");
  const std::string spins = f.add("spin");
  while (f.scheduler.find(waits.substr(8))->state != ProgramState::Waiting) {
    std::this_thread::yield();
  }
  const std::string waiting = f.ask("show " + waits);
  EXPECT_TRUE(has(waiting, "| waits for sys.receive\n")) << waiting;
  EXPECT_TRUE(has(waiting, "mood = \"calm\"")) << waiting;
  while (f.scheduler.find(spins.substr(8))->fuel == 0) std::this_thread::yield();  // begun
  const std::string spinning = f.ask("show " + spins);
  EXPECT_TRUE(has(spinning, "m.lua:4")) << spinning;

  for (const char* name : {"spin", "nap"}) {
    Job job;
    job.program = Handler(f.image, "m", {name});
    const auto id = f.runner.enqueue(std::move(job), [](JobResult) {});
    ASSERT_TRUE(id);
    while (f.runner.with_job(*id, [](Vm&) {}) == false) std::this_thread::yield();
    const std::string shown = f.ask("show job:" + std::to_string(*id));
    EXPECT_TRUE(has(shown, "| fuel ")) << shown;
    EXPECT_TRUE(has(shown, "ok\n")) << shown;
    EXPECT_EQ(f.ask("kill job:" + std::to_string(*id)), "ok\n");
  }
  EXPECT_EQ(f.ask("kill " + spins), "ok\n");
  while (f.scheduler.find(spins.substr(8))) std::this_thread::yield();  // its slice ends
  EXPECT_TRUE(has(f.ask("kill " + spins), "! there is no "));
}

TEST(Console, EvaluatesInAPinnedVmAndInCopiesOfOthers) {
  Fixture f;
  f.pin("shop");
  EXPECT_EQ(f.ask("eval pinned:shop gold"), "| 7\nok\n");
  EXPECT_EQ(f.ask("eval pinned:shop gold = gold + 1"), "ok\n");
  EXPECT_EQ(f.ask("eval pinned:shop gold, 'and more'"), "| 8\n| \"and more\"\nok\n");
  const std::string id = f.add("wait");
  EXPECT_EQ(f.ask("eval " + id + " gold = 100 return gold"), "| 100\nok\n");
  EXPECT_EQ(f.ask("eval " + id + " gold"), "| 7\nok\n");            // it was a copy
  EXPECT_EQ(f.scheduler.send(id.substr(8), "x"), Sent::Delivered);  // which goes on
  f.scheduler.wait_all_ended();
}

TEST(Console, WhatIsEvaluatedHasBounds) {
  ConsoleOptions options;
  options.evaluation_fuel = 100'000;
  options.line_bytes_max = 1000;
  Fixture f(std::move(options));
  f.pin("shop");
  EXPECT_EQ(f.ask("eval pinned:shop while true do end"),
            "! it was stopped after 100000 units of fuel\n");
  EXPECT_EQ(f.ask("eval pinned:shop error('no')"), "! console:1: no\n");
  EXPECT_TRUE(has(f.ask("eval pinned:shop +"), "! console:1: unexpected symbol"));
  EXPECT_TRUE(has(f.ask("eval pinned:shop sys.invoke('fetch')"), "nobody answers"));
  EXPECT_EQ(f.ask("eval pinned:shop gold"), "| 7\nok\n");
  EXPECT_TRUE(has(f.ask("eval pinned:ship gold"), "! there is no pinned:ship"));
  EXPECT_TRUE(has(f.ask("frobnicate"), "! there is no command frobnicate"));
  const std::string long_line(1001, 'x');
  EXPECT_EQ(f.ask(long_line), "! a line has at most 1000 bytes\n");
  EXPECT_EQ(f.ask("help"), "(gone)");
  f.connect();
  EXPECT_EQ(f.ask("eval pinned:shop gold"), "| 7\nok\n");
}

TEST(Console, ImagesWithoutTheModuleAreNotEvaluatedIn) {
  Fixture f;
  ImageOptions options;
  options.sources = {{"m", "return {}", "m.lua"}};
  EXPECT_TRUE(f.runner.pin("bare", *Image::compile(f.engine, options)->fork()));
  const std::string said = f.ask("eval pinned:bare 1");
  EXPECT_TRUE(has(said, "sources_module()")) << said;
}

TEST(Console, ProfilesHaveWhatRuns) {
  Fixture f;
  const std::string id = f.add("spin");
  EXPECT_TRUE(has(f.ask("profile start none"), "! "));
  EXPECT_EQ(f.ask("profile start 1000"), "ok\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const std::string profile = f.ask("profile stop");
  EXPECT_TRUE(has(profile, "m.lua")) << profile;
  EXPECT_EQ(f.ask("kill " + id), "ok\n");
}

TEST(Console, AHostHasCommandsOfItsOwn) {
  ConsoleOptions options;
  options.commands = {{"greet", "says hello", [](const std::string& rest) {
                         return std::expected<std::string, std::string>("hello " + rest);
                       }}};
  options.clients_max = 1;
  Fixture f(std::move(options));
  EXPECT_EQ(f.ask("greet you all"), "| hello you all\nok\n");
  EXPECT_TRUE(has(f.ask("help"), "| greet               says hello\n"));
  EXPECT_TRUE(has(f.ask("stats"), "| jobs.accepted 0\n"));
  auto second = os::LineClient::connect(f.path);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->receive().value_or(""), "! there are too many clients");
}

}  // namespace
}  // namespace moonlet::runtime
