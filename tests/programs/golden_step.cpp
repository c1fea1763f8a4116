// One step of a program of tests/golden/, in a process of its own: for states that go from one
// build to another (tests/move_golden.py).
//
// usage: moonlet_golden_step begin PROGRAM IMAGE STATE      PROGRAM.lua up to where it stops;
// writes
//                                                         image and state
//        moonlet_golden_step go-on PROGRAM IMAGE STATE      answers the Command, runs to the next
//
// Exit codes: 0 it has ended, its results are on the standard output; 3 it waits, STATE was
// written; 2 something is wrong.
#include "tests/support/golden_programs.hpp"

namespace {

using namespace moonlet;

constexpr int kEnded = 0;
constexpr int kWaits = 3;
constexpr std::uint64_t kFuel = 2'000;

void write(const std::string& path, const std::string& contents) {
  std::ofstream file(path, std::ios::binary);
  file << contents;
  if (!file.flush()) golden::give_up("cannot write " + path);
}

int go_on(const std::string& program, const std::string& image_path, const std::string& path) {
  World world;
  const Engine engine = golden::engine_of(program.substr(program.rfind('/') + 1), world);
  const auto image = Image::load(engine, golden::contents_of(image_path));
  if (!image) golden::give_up(image.error());
  const std::string state = golden::contents_of(path);
  auto vm = Vm::thaw(*image, state);
  if (!vm) golden::give_up(vm.error());
  if (vm->freeze() != state) golden::give_up("the thawed program has another state");
  if (const Command* command = vm->pending()) golden::answer(*vm, Command(*command));
  if (const auto end = golden::end_of(vm->run({.fuel = kFuel}))) {
    std::fputs(end->c_str(), stdout);
    return kEnded;
  }
  write(path, *vm->freeze());
  return kWaits;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 5 ? argv[1] : "";
  if (what == "go-on") return go_on(argv[2], argv[3], argv[4]);
  if (what != "begin") golden::give_up("usage: begin|go-on PROGRAM IMAGE STATE");
  const golden::Frozen frozen = golden::make(argv[2]);
  write(argv[3], frozen.image);
  write(argv[4], frozen.state);
  return kWaits;
}
