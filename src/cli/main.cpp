// The moonlet program: for now `exec` only.
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>

#include "api/engine.hpp"
#include "vm/call.hpp"
#include "vm/launch.hpp"
#include "vm/loader.hpp"

using namespace moonlet;

namespace {

class ProcessHost : public vm::Host {
 public:
  void write(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
  void warn(std::string_view text, bool more) override {
    if (!continuing_) std::fputs("Lua warning: ", stderr);
    std::fwrite(text.data(), 1, text.size(), stderr);
    if (!more) std::fputs("\n", stderr);
    continuing_ = more;
  }
  std::int64_t time_seconds() override { return std::time(nullptr); }
  double clock_seconds() override {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  }
  std::uint64_t entropy() override { return static_cast<std::uint64_t>(std::time(nullptr)); }
  bool read_file(std::string_view path, std::string& contents, std::string& message) override {
    std::ostringstream out;
    if (path.empty()) {
      out << std::cin.rdbuf();
    } else {
      std::ifstream in{std::string(path), std::ios::binary};
      if (!in) {
        message = "cannot open " + std::string(path);
        return false;
      }
      out << in.rdbuf();
    }
    contents = out.str();
    return true;
  }

 private:
  bool continuing_ = false;
};

// Freezes the machine, drops it, and goes on in a new one.
bool trip(const api::Engine& engine, vm::Host& host, std::unique_ptr<vm::Vm>& machine) {
  auto state = image::freeze(*machine, engine.base_objects(), {.carry_handles = true});
  if (!state) {
    std::fprintf(stderr, "moonlet: cannot freeze: %s\n", state.error().message.c_str());
    return false;
  }
  auto next = engine.bare_vm(host);
  if (auto done = image::thaw(*next, engine.base_objects(), *state); !done) {
    std::fprintf(stderr, "moonlet: cannot thaw: %s\n", done.error().c_str());
    return false;
  }
  next->trip_every = machine->trip_every;
  next->files = std::move(machine->files);
  if (std::getenv("MOONLET_CHECK") != nullptr) {
    auto again = image::freeze(*next, engine.base_objects(), {.carry_handles = true});
    if (!again || *again != *state) {
      std::fprintf(stderr, "moonlet: not the same bytes\n");
      std::abort();
    }
  }
  machine = std::move(next);
  vm::refill_fuel(*machine);
  return true;
}

int finish(vm::Vm& machine) {
  if (machine.outcome == vm::Outcome::Exit) return machine.exit_code;
  if (machine.outcome != vm::Outcome::Finished) {
    std::fflush(stdout);
    std::fprintf(stderr, "moonlet: %s\n%s\n",
                 vm::basic_text(machine, machine.heap.error).c_str(), machine.traceback.c_str());
    return 1;
  }
  return 0;
}

int run_source(const api::Engine& engine, vm::Host& host, std::unique_ptr<vm::Vm>& holder, std::string_view source, std::string_view name) {
  vm::Vm& machine = *holder;
  auto chunk = api::compile_script(source, name);
  if (!chunk) {
    std::fprintf(stderr, "moonlet: %s\n", chunk.error().c_str());
    return 1;
  }
  vm::Proto* proto = vm::load_chunk(machine, *chunk, vm::ProtoOrigin::Script);
  vm::Closure* main = vm::new_main_closure(machine, proto, heap::Value::from(machine.heap.globals));
  vm::start_main(machine, heap::Value::from(main), {});
  vm::refill_fuel(machine);
  for (;;) {
    vm::run(*holder);
    if (holder->outcome != vm::Outcome::Preempted) break;
    if (holder->trip_every != 0 && !trip(engine, host, holder)) return 1;
  }
  return finish(*holder);
}

}  // namespace

int main(int argc, char** argv) {
  ProcessHost host;
  auto engine = api::Engine::make();
  if (!engine) {
    std::fprintf(stderr, "moonlet: %s\n", engine.error().c_str());
    return 1;
  }
  auto machine = (*engine)->new_vm(host, {});
  if (!machine) {
    std::fprintf(stderr, "moonlet: %s\n", machine.error().c_str());
    return 1;
  }
  int at = 2;
  for (; at < argc && argv[at][0] == '-'; ++at) {
    if (std::strcmp(argv[at], "--stress") == 0 && at + 1 < argc) {
      (*machine)->heap.stress_collect = true;
      (*machine)->heap.debt = 1;
      (*machine)->heap.poison_freed = true;
      ++at;
      continue;
    }
    if (std::strcmp(argv[at], "--trip-every") == 0 && at + 1 < argc) {
      (*machine)->trip_every = std::strtoull(argv[++at], nullptr, 10);
      continue;
    }
    if (std::strcmp(argv[at], "-e") == 0 && at + 1 < argc) {
      if (const int code = run_source(**engine, host, *machine, argv[++at], "=(command line)"); code != 0) {
        return code;
      }
    }
  }
  if (at >= argc) return 0;
  std::string source;
  std::string message;
  if (!host.read_file(argv[at], source, message)) {
    std::fprintf(stderr, "moonlet: %s\n", message.c_str());
    return 1;
  }
  if (!source.empty() && source[0] == '#') {
    const std::size_t end = source.find('\n');
    source = end == std::string::npos ? "" : source.substr(end);
  }
  const int code = run_source(**engine, host, *machine, source, "@" + std::string(argv[at]));
  std::fflush(stdout);
  return code;
}
