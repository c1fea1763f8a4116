#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bench/figures/figures.hpp"

namespace figures {

using moonlet::Value;
using moonlet::Vm;

void print_row(const std::string& what, const std::string& figure, const std::string& remark) {
  std::printf("%-58s %14s  %s\n", what.c_str(), figure.c_str(), remark.c_str());
  std::fflush(stdout);
}

void fail(const std::string& message) {
  std::fprintf(stderr, "moonlet_figures: %s\n", message.c_str());
  std::exit(1);
}

std::string source_of(const std::string& name) {
  const std::string path = std::string(MOONLET_SOURCE_DIR) + "/bench/states/" + name + ".lua";
  std::ifstream file(path);
  if (!file) fail("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

State compile_source(const std::string& name, std::string text) {
  const moonlet::Engine engine = must(moonlet::Engine::make());
  moonlet::ImageOptions options;
  options.sources.push_back({name, std::move(text), {}});
  const moonlet::Image image = must(moonlet::Image::compile(engine, options));
  return {engine, image, name};
}

State compile_state(const std::string& name) { return compile_source(name, source_of(name)); }

void start_and_run(Vm& vm, const State& state, const std::string& handler,
                   const std::vector<Value>& arguments) {
  must(vm.start(state.name, {"handlers", handler}, arguments));
  const moonlet::Outcome outcome = vm.run();
  if (const auto* failed = moonlet::error_of(outcome)) fail(failed->message);
  if (!std::holds_alternative<moonlet::Suspended>(outcome) &&
      !std::holds_alternative<moonlet::Finished>(outcome)) {
    fail(handler + " of " + state.name + " neither finished nor waits");
  }
}

Vm suspended_fork(const State& state, const std::string& handler,
                  const std::vector<Value>& arguments) {
  Vm vm = must(state.image.fork());
  start_and_run(vm, state, handler, arguments);
  if (vm.pending() == nullptr) fail(handler + " of " + state.name + " does not wait");
  return vm;
}

}  // namespace figures
