// The engine: the library of all scripts, and the host's functions.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "moonlet/value.hpp"

namespace moonlet {

namespace api {
class Engine;
struct VmRecord;
}  // namespace api

class Vm;

// One call of an immediate host function.
class HostCall {
 public:
  const std::vector<Value>& arguments() const { return *arguments_; }
  // Argument n from 0, or nil.
  const Value& argument(std::size_t n) const;
  // The pointer that Vm::set_context<T>() stored, or nullptr when it is of another type.
  template <typename T>
  T* context() const;

 private:
  friend struct api::VmRecord;
  HostCall(const std::vector<Value>& arguments, void* context, const void* type)
      : arguments_(&arguments), context_(context), context_type_(type) {}
  const std::vector<Value>* arguments_;
  void* context_;
  const void* context_type_;
};

// Results, or the value of an error that is raised where the script called.
using HostResult = std::expected<std::vector<Value>, Value>;

// C++ behind a stable name, which frozen states know it by. "name" is a global of the scripts,
// "group.name" a field of a global table.
struct HostFunction {
  std::string name;
  // Called on the thread that runs the Vm; must not use the Vm. Empty: the function suspends the
  // Vm with a Command of this name, and the answer is what it returns.
  std::function<HostResult(const HostCall&)> call;
};

// A handle; copies are the same engine. Constant after make(), usable from any thread. Images and
// Vms keep it alive.
class Engine {
 public:
  // The error is a name that is taken twice, or lack of memory.
  [[nodiscard]] static std::expected<Engine, std::string> make(
      std::vector<HostFunction> functions = {});

 private:
  friend class Image;
  friend class Vm;
  explicit Engine(std::shared_ptr<const api::Engine> engine) : engine_(std::move(engine)) {}
  std::shared_ptr<const api::Engine> engine_;
};

// Distinct for each type; for typed context pointers.
template <typename T>
const void* context_type() {
  static const char kTag = 0;
  return &kTag;
}

template <typename T>
T* HostCall::context() const {
  return context_type_ == context_type<T>() ? static_cast<T*>(context_) : nullptr;
}

}  // namespace moonlet
