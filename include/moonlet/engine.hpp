// The engine: the library of all scripts, and the host's functions and types.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/host_call.hpp"
#include "moonlet/host_type.hpp"

namespace moonlet {

namespace api {
class Engine;
}

class Vm;
struct Source;
struct SourceCheckOptions;
struct SourceProblem;

// C++ behind a stable name, which frozen states know it by: a state or image that refers to it can
// be read only where the engine has it. "name" is a global of the scripts, "group.name" a field of
// a global table, which may be a library or the functions for agents ("sys.now").
struct HostFunction {
  std::string name;
  // Called on the thread that runs the Vm; must not use the Vm. Several threads may be in it at
  // once, for different Vms. What it throws becomes an error of the script. Empty: the function
  // suspends the Vm with a Command of this name, and the answer is what it returns.
  std::function<HostResult(const HostCall&)> call;
};

// A handle; copies are the same engine. Constant after make(), usable from any thread. Images and
// Vms keep it alive.
class Engine {
 public:
  // The error is a name that is taken already (twice, by a function of the language, by a group) or
  // is none, or lack of memory. An engine has at most
  // one type for each T of HostTypeOf<T>.
  [[nodiscard]] static std::expected<Engine, std::string> make(
      std::vector<HostFunction> functions = {}, std::vector<HostType> types = {});

 private:
  friend class Image;
  friend class Vm;
  friend std::vector<SourceProblem> check_source(const Engine&, const Source&,
                                                 const SourceCheckOptions&);
  explicit Engine(std::shared_ptr<const api::Engine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<const api::Engine> engine_;
};

}  // namespace moonlet
