// A source compiled and loaded in pieces. That is no part of a state: `load` is started over after
// each piece, as whatever is done out of sight (heap/long_strings.hpp), and finds its work here.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/os/fiber.hpp"
#include "base/pace.hpp"
#include "vm/loader.hpp"

namespace moonlet::stdlib {

struct Loaded {
  bool is_done = true;         // false: there is more to do
  vm::Proto* proto = nullptr;  // nullptr: no memory, or there is an error
  std::string error;
};

class LoadTask {
 public:
  LoadTask(vm::Vm& vm, std::unique_ptr<base::os::Fiber> fiber);
  ~LoadTask();
  LoadTask(const LoadTask&) = delete;
  LoadTask& operator=(const LoadTask&) = delete;

  // Both have to stay, and the heap not to be collected, until it has ended.
  void begin(std::string_view source, std::string_view name);
  bool run_piece();  // true: it has ended
  Loaded take() { return std::move(loaded_); }
  void cancel();

 private:
  void run();

  vm::Vm& vm_;
  std::unique_ptr<base::os::Fiber> fiber_;
  base::Pace pace_;
  std::string_view source_;
  std::string_view name_;
  Loaded loaded_;
};

// A text, whose last byte is followed by a zero. In pieces: both will be at the same place.
enum class Loading : std::uint8_t { AtOnce, InPieces };
Loaded load_text(vm::Vm& vm, std::string_view source, std::string_view name, Loading loading);

}  // namespace moonlet::stdlib
