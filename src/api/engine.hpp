// Wires the parts together: builtins, front ends, Vms with their libraries.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "api/host_types.hpp"
#include "image/state.hpp"
#include "moonlet/engine.hpp"
#include "moonlet/image.hpp"
#include "stdlib/libraries.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

// What Vms share: constant after construction, usable from any thread.
class Engine {
 public:
  // The error is a name of a host function or type that is taken, a fault of the program itself, or
  // lack of memory.
  [[nodiscard]] static std::expected<std::unique_ptr<Engine>, std::string> make(
      std::vector<HostFunction> functions = {}, std::vector<HostType> types = {});

  const vm::BuiltinTable& builtins() const { return builtins_; }
  const stdlib::BaseLibrary& library() const { return *library_; }
  const image::BaseObjects& base_objects() const { return base_objects_; }
  // The host's functions; the builtin with index first_host_function() + n is number n.
  const std::vector<HostFunction>& functions() const { return functions_; }
  std::size_t first_host_function() const { return first_host_function_; }
  const HostTypes& types() const { return *types_; }

  // A Vm with its libraries opened.
  [[nodiscard]] std::expected<std::unique_ptr<vm::Vm>, std::string> new_vm(
      vm::Host& host, const stdlib::LibrarySelection& selection,
      const heap::HostAllocator& allocator = heap::default_host_allocator()) const;
  // A Vm with nothing in it, to be thawed into; null: no memory.
  [[nodiscard]] std::unique_ptr<vm::Vm> bare_vm(
      vm::Host& host, vm::Dialect dialect,
      const heap::HostAllocator& allocator = heap::default_host_allocator()) const;

 private:
  Engine() = default;
  std::vector<HostFunction> functions_;  // the table's rows refer to their names
  std::size_t first_host_function_ = 0;
  vm::BuiltinTable builtins_;
  std::unique_ptr<stdlib::BaseLibrary> library_;
  std::unique_ptr<HostTypes> types_;
  image::BaseObjects base_objects_;
};

constexpr vm::Dialect vm_dialect(Dialect dialect) { return static_cast<vm::Dialect>(dialect); }
static_assert(vm_dialect(Dialect::Luau) == vm::Dialect::Luau);

// A main chunk, known to upgrades by the source's name.
std::expected<bytecode::Chunk, std::string> compile_source(vm::Dialect dialect,
                                                           const Source& source);
// The compiler for Vm::compile. A zero byte has to stand behind the source.
std::expected<bytecode::Chunk, std::string> compile_script(vm::Dialect dialect,
                                                           std::string_view source,
                                                           std::string_view name,
                                                           base::Pace* pace = nullptr);

}  // namespace moonlet::api
