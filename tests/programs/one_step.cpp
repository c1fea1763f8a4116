// Runs a script's handler to the next place where it hangs, and ends. With the same arguments once
// more, it goes on from there: each step is a process of its own, which has only the script and the
// state.
//
// usage: moonlet_one_step SCRIPT HANDLER invoke|spin STATE
//
// The script hangs while a Command waits, or where its fuel ran out. A step answers the Command
// with ten times its payload; `told()` of the script is true once in each step but the first.
//
// Exit codes: 0 it finished, its results as JSON on standard output; 3 it hangs, and STATE was
// written; 1 it failed; 2 something is wrong with the arguments or the state.
#include <cstdio>
#include <fstream>
#include <sstream>

#include "moonlet/moonlet.hpp"

namespace {

using namespace moonlet;

constexpr int kFinished = 0;
constexpr int kFailed = 1;
constexpr int kWrong = 2;
constexpr int kHangs = 3;
constexpr std::uint64_t kFuel = 20'000;  // some rounds of any loop

int complain(const std::string& what) {
  std::fprintf(stderr, "moonlet_one_step: %s\n", what.c_str());
  return kWrong;
}

bool read_file(const std::string& path, std::string& out) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  out = text.str();
  return static_cast<bool>(file);
}

struct Step {
  bool is_first = true;
  bool has_told = false;
};

std::expected<Image, std::string> compile(const std::string& path) {
  std::string source;
  if (!read_file(path, source)) return std::unexpected("cannot read " + path);
  auto engine = Engine::make({{"told", [](const HostCall& call) -> HostResult {
                                 Step& step = *call.context<Step>();
                                 const bool tells = !step.is_first && !step.has_told;
                                 step.has_told = step.has_told || tells;
                                 return std::vector<Value>{tells};
                               }}});
  if (!engine) return std::unexpected(engine.error());
  ImageOptions options;
  options.sources = {{"script", source, path}};
  return Image::compile(*engine, options);
}

std::expected<Vm, std::string> begin(const Image& image, const std::string& handler,
                                     const std::string& mode) {
  ForkOptions options;
  options.id = "one-step";
  options.seed = 1;
  auto vm = image.fork(options);
  if (!vm) return vm;
  if (auto done = vm->start("script", {handler}, {mode}); !done) {
    return std::unexpected(done.error());
  }
  return vm;
}

std::expected<Vm, std::string> go_on(const Image& image, const std::string& state) {
  auto vm = Vm::thaw(image, state);
  if (!vm) return vm;
  if (vm->freeze() != state) return std::unexpected("the thawed program has another state");
  const Command* command = vm->pending();
  if (command == nullptr) return vm;
  const std::int64_t* number =
      command->arguments.size() == 1 ? command->arguments[0].integer() : nullptr;
  if (number == nullptr) return std::unexpected("a Command without a number");
  if (auto done = vm->resume(command->id, {*number * 10}); !done) {
    return std::unexpected(done.error());
  }
  return vm;
}

int run(Vm& vm, const std::string& path) {
  const Outcome outcome = vm.run({.fuel = kFuel});
  if (const Finished* finished = std::get_if<Finished>(&outcome)) {
    auto text = to_json(Value(finished->values));
    if (!text) return complain(text.error());
    std::printf("%s\n", text->c_str());
    return kFinished;
  }
  if (const Failed* failed = error_of(outcome)) {
    std::fprintf(stderr, "%s\n%s\n", failed->message.c_str(), failed->traceback.c_str());
    return kFailed;
  }
  if (!std::holds_alternative<Suspended>(outcome) && !std::holds_alternative<Preempted>(outcome)) {
    return complain("it ended in an unexpected way");
  }
  const auto state = vm.freeze();
  if (!state) return complain(state.error());
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << *state;
  return file.flush() ? kHangs : complain("cannot write " + path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return complain("usage: SCRIPT HANDLER invoke|spin STATE");
  const std::string path = argv[4];
  const auto image = compile(argv[1]);
  if (!image) return complain(image.error());
  Step step;
  std::string state;
  step.is_first = !read_file(path, state);
  auto vm = step.is_first ? begin(*image, argv[2], argv[3]) : go_on(*image, state);
  if (!vm) return complain(vm.error());
  vm->set_context(&step);
  return run(*vm, path);
}
