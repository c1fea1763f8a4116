// A process with a console: `moonlet attach PATH` looks into it. docs/patterns/console.md
//
// usage: example_console PATH        ends when somebody says `quit`
#include <cstdio>
#include <future>
#include <string>

#include <moonlet/moonlet.hpp>
#include <moonlet/runtime/console.hpp>

using namespace moonlet;
using namespace moonlet::runtime;

constexpr char kScript[] = R"lua(
  gold = 7
  return {
    guard = function(post)
      while true do
        local order = sys.receive()
        if order == "leave" then return end
        post = order
      end
    end,
    spin = function() while true do end end,
  }
)lua";

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: example_console PATH\n", stderr);
    return 2;
  }
  const Engine engine = *Engine::make(message_functions());
  ImageOptions image_options;
  image_options.sources = {{"town", kScript, "town.lua"}, sources_module()};
  const Image image = *Image::compile(engine, image_options);
  auto runner = ScriptRunner::make(engine);
  if (!runner || !runner->pin("shop", *image.fork())) return 1;
  Scheduler scheduler;
  for (const char* id : {"anna", "bert"}) {
    ForkOptions fork;
    fork.id = id;
    Vm vm = *image.fork(fork);
    if (!vm.start("town", {"guard"}, {"gate"}) || !scheduler.add(std::move(vm))) return 1;
  }
  Job job;
  job.program = Handler(image, "town", {"spin"});
  if (!runner->enqueue(std::move(job), [](JobResult) {})) return 1;

  std::promise<void> quit;
  ConsoleOptions options;
  options.runner = &*runner;
  options.scheduler = &scheduler;
  options.commands = {{"send", "ID TEXT: a message to a program",
                       [&](const std::string& rest) -> std::expected<std::string, std::string> {
                         const std::size_t blank = std::min(rest.find(' '), rest.size());
                         const Sent sent = scheduler.send(
                             rest.substr(0, blank), rest.substr(std::min(blank + 1, rest.size())));
                         if (sent != Sent::Delivered) return std::unexpected(text_of(sent));
                         return "";
                       }},
                      {"quit", "ends the process", [&](const std::string&) {
                         quit.set_value();
                         return std::expected<std::string, std::string>("good bye");
                       }}};
  auto console = Console::open(argv[1], std::move(options));
  if (!console) {
    std::fprintf(stderr, "%s\n", console.error().c_str());
    return 1;
  }
  quit.get_future().wait();
  return 0;
}
