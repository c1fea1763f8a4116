#include "stdlib/libraries.hpp"

#include <algorithm>

#include "stdlib/library.hpp"
#include "stdlib/prelude_sources.hpp"
#include "vm/call.hpp"
#include "vm/launch.hpp"
#include "vm/loader.hpp"

namespace moonlet::stdlib {

using vm::LibrarySet;
using vm::String;
using vm::Table;
using vm::Value;
using vm::Vm;

vm::BuiltinTable make_builtin_table() {
  vm::BuiltinTable table;
  for (const auto& rows :
       {base_rows(), load_rows(), collect_rows(), coroutine_rows(), debug_rows(), intrinsic_rows(),
        io_rows(), math_rows(), os_rows(), package_rows(), string_rows(), table_rows(),
        utf8_rows()}) {
    table.rows.insert(table.rows.end(), rows.begin(), rows.end());
  }
  for (const vm::BuiltinRow& row : table.rows) table.calls.push_back(row.call);
  return table;
}

bool LibrarySelection::includes(std::string_view library) const {
  return names.empty() || std::find(names.begin(), names.end(), library) != names.end();
}

namespace {

class Opener {
 public:
  Opener(Vm& vm, PreludeCompiler compile, const LibrarySelection& selection)
      : vm_(vm), compile_(compile), selection_(selection) {}

  std::expected<void, std::string> open() {
    if (!make_roots()) return memory();
    for (std::size_t n = 0; n < vm_.builtins.rows.size(); ++n) {
      const vm::BuiltinRow& row = vm_.builtins.rows[n];
      if (selection_.set == LibrarySet::Safe && row.set == LibrarySet::All) continue;
      if (!install(row.name, Value::from_builtin(static_cast<std::uint32_t>(n)))) return memory();
    }
    for (const PreludeSource& source : prelude_sources()) {
      if (auto done = run_prelude(source); !done) return done;
    }
    return fill();
  }

 private:
  static std::unexpected<std::string> memory() {
    return std::unexpected(std::string("not enough memory for the library"));
  }

  bool make_roots() {
    heap::Heap& heap = vm_.heap;
    vm_.memory_message = heap.new_string("not enough memory");
    vm_.error_message = heap.new_string("error in error handling");
    if (vm_.memory_message == nullptr || vm_.error_message == nullptr) return false;
    heap.extra_roots.push_back(Value::from(vm_.memory_message));
    heap.extra_roots.push_back(Value::from(vm_.error_message));
    heap.globals = heap.new_table();
    heap.registry = heap.new_table();
    loaded_ = heap.new_table();
    heap.main_thread = heap.new_thread(256);
    if (heap.globals == nullptr || heap.registry == nullptr || loaded_ == nullptr ||
        heap.main_thread == nullptr) {
      return false;
    }
    heap.current_thread = heap.main_thread;
    static constexpr std::string_view kEventNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
    };
    for (std::size_t n = 0; n < std::size(kEventNames); ++n) {
      heap.event_names[n] = heap.new_string(kEventNames[n]);
      if (heap.event_names[n] == nullptr) return false;
    }
    Table* preload = heap.new_table();
    String* version = heap.new_string("Lua 5.4");
    if (preload == nullptr || version == nullptr) return false;
    Table& globals = *heap.globals;
    return heap::set_field(heap, *heap.registry, "_LOADED", Value::from(loaded_)) &&
           heap::set_field(heap, *heap.registry, "_PRELOAD", Value::from(preload)) &&
           heap::set_field(heap, *loaded_, "_G", Value::from(&globals)) &&
           heap::set_field(heap, globals, "_G", Value::from(&globals)) &&
           heap::set_field(heap, globals, "_VERSION", Value::from(version));
  }

  // The table of a library, made on first use; null: not selected, or out of memory (`ok`).
  Table* library(std::string_view name, bool& ok) {
    if (!selection_.includes(name)) return nullptr;
    const Value found = heap::get_field(vm_.heap, *loaded_, name);
    if (found.is_table()) return found.table();
    Table* table = vm_.heap.new_table();
    ok = table != nullptr && heap::set_field(vm_.heap, *loaded_, name, Value::from(table)) &&
         heap::set_field(vm_.heap, *vm_.heap.globals, name, Value::from(table));
    return ok ? table : nullptr;
  }

  bool install(std::string_view name, const Value& function) {
    if (name.find(':') != std::string_view::npos) return true;
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
      return heap::set_field(vm_.heap, *vm_.heap.globals, name, function);
    }
    if (name.substr(0, dot) == "intrinsic") return true;
    bool ok = true;
    Table* table = library(name.substr(0, dot), ok);
    if (table == nullptr) return ok;
    return heap::set_field(vm_.heap, *table, name.substr(dot + 1), function);
  }

  // Is this name part of the selected set? Prelude functions follow the native row of their name;
  // without one the exceptions are listed here.
  bool is_selected(std::string_view name) const {
    if (selection_.set == LibrarySet::All) return true;
    return name != "dofile" && name.substr(0, 3) != "io." && name.substr(0, 8) != "package." &&
           name != "require";
  }

  std::expected<void, std::string> run_prelude(const PreludeSource& source) {
    auto chunk = compile_(source.text, source.name);
    if (!chunk) return std::unexpected("prelude " + std::string(source.name) + ": " + chunk.error());
    vm::Proto* proto = vm::load_chunk(vm_, *chunk, vm::ProtoOrigin::Prelude);
    if (proto == nullptr) return memory();
    vm::Closure* main = vm::new_main_closure(vm_, proto, Value::nil());
    if (main == nullptr) return memory();
    vm::start_main(vm_, Value::from(main), {});
    vm::run(vm_);
    if (vm_.outcome != vm::Outcome::Finished || vm_.results_count != 1) {
      return std::unexpected("prelude " + std::string(source.name) + " failed: " +
                             vm::basic_text(vm_, vm_.heap.error));
    }
    const Value exported = vm_.heap.main_thread->base[0];
    Value name;
    Value function;
    for (std::uint64_t at = heap::table_next_position(*exported.table(), 0, name, function); at != 0;
         at = heap::table_next_position(*exported.table(), at, name, function)) {
      if (!take(name.string(), function)) return memory();
    }
    return {};
  }

  bool take(String* name, const Value& function) {
    vm::Proto* proto = function.closure()->proto;
    proto->debug_name = name;
    vm_.heap.barrier(proto, name);
    vm_.heap.extra_roots.push_back(function);
    const int index = vm_.builtins.find(name->view());
    if (index >= 0) {
      vm_.delegates[static_cast<std::size_t>(index)] = function;
      return true;
    }
    if (name->view() == "intrinsic.close_state") vm_.close_state = function;
    return !is_selected(name->view()) || install(name->view(), function);
  }

  std::expected<void, std::string> fill() {
    bool ok = true;
    if (Table* t = library("math", ok); t != nullptr) ok = ok && fill_math(vm_, *t);
    if (Table* t = library("utf8", ok); t != nullptr) ok = ok && fill_utf8(vm_, *t);
    if (Table* t = library("string", ok); t != nullptr) ok = ok && fill_string(vm_, *t);
    if (selection_.set == LibrarySet::All) {
      if (Table* t = library("io", ok); t != nullptr) ok = ok && fill_io(vm_, *t);
      if (Table* t = library("package", ok); t != nullptr) ok = ok && fill_package(vm_, *t);
    }
    if (!ok) return memory();
    return {};
  }

  Vm& vm_;
  PreludeCompiler compile_;
  const LibrarySelection& selection_;
  Table* loaded_ = nullptr;
};

}  // namespace

std::expected<void, std::string> open_libraries(Vm& vm, PreludeCompiler compile,
                                               const LibrarySelection& selection) {
  return Opener(vm, compile, selection).open();
}

}  // namespace moonlet::stdlib
