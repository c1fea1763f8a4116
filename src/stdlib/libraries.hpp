// Opens the guest library in a Vm: rows into tables, prelude sources into functions.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stdlib/prelude_chunks.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

// All rows of all libraries, in a fixed order.
vm::BuiltinTable make_builtin_table();

// Which libraries exist, by set or by name. "base" is always there.
struct LibrarySelection {
  vm::LibrarySet set = vm::LibrarySet::All;
  vm::Dialect dialect = vm::Dialect::Lua54;
  // Of Luau: the library and its globals cannot be changed, and each script has globals of its own
  // in front of them (new_script_globals).
  bool is_sandboxed = true;
  // Empty: all of the set. Else names: "string", "table", ...
  std::vector<std::string> names;
  bool includes(std::string_view library) const;
};

// What the prelude's sources make: functions that all Vms of an engine share. Permanent objects,
// never marked, swept or written; constant after construction, usable from any thread.
class BaseLibrary {
 public:
  // Runs the prelude in a Vm of its own.
  [[nodiscard]] static std::expected<std::unique_ptr<BaseLibrary>, std::string> make(
      const vm::BuiltinTable& builtins);

  struct Export {
    std::string_view name;  // "string.gsub"
    vm::Value function;
    int builtin;  // the native row that it stands behind, or -1
  };
  const std::vector<Export>& exports() const { return exports_; }
  const heap::StringSet* strings() const { return &machine_->heap.strings; }
  // All functions, code and cells, in the order in which they were made: the same in every build
  // of the same sources, of which `fingerprint` is a hash.
  const std::vector<heap::Object*>& objects() const { return objects_; }
  // By object: is there a way from it to functions of LibrarySet::All?
  const std::vector<bool>& reaches_world() const { return reaches_world_; }
  const vm::Vm& machine() const { return *machine_; }
  // By builtin: Vm::delegates.
  const std::vector<vm::Value>& delegates() const { return delegates_; }
  vm::Value close_state() const { return close_state_; }
  std::uint64_t fingerprint() const { return fingerprint_; }
  vm::Value find(std::string_view name) const;

  // A permanent metatable for a type of the host's; `events` are its functions by event, or nil.
  // What it holds does not count among the strings that all Vms share: types change no script's
  // memory. nullptr: no memory. REQUIRES: no Vm is attached yet.
  [[nodiscard]] vm::Table* new_type_metatable(std::string_view type_name,
                                              std::span<const vm::Value> events);

 private:
  BaseLibrary() = default;
  std::expected<void, std::string> run(const PreludeChunk& prelude);
  void seal();
  void find_world();

  std::unique_ptr<vm::Host> host_;
  std::unique_ptr<vm::Vm> machine_;
  std::vector<Export> exports_;
  std::vector<heap::Object*> objects_;
  std::vector<bool> reaches_world_;
  std::vector<vm::Value> delegates_;
  vm::Value close_state_ = vm::Value::nil();
  std::uint64_t fingerprint_ = 0;
};

// Connects a bare Vm to the shared functions.
void attach_library(vm::Vm& vm, const BaseLibrary& base);
// Does the set have a library of that name?
bool has_library(const vm::BuiltinTable& builtins, const LibrarySelection& selection,
                 std::string_view name);
// The globals that a script begins with: those of the Vm, or if these cannot be changed, a table in
// front of them. nullptr: no memory.
[[nodiscard]] vm::Table* new_script_globals(vm::Vm& vm);
// Fills the globals of a fresh Vm that is attached. False: out of memory.
[[nodiscard]] bool open_libraries(vm::Vm& vm, const BaseLibrary& base,
                                  const LibrarySelection& selection);

}  // namespace moonlet::stdlib
