// The package library: its tables and what it asks of the system. prelude/package.lua searches and
// loads. There are no dynamic libraries: a Vm that holds one could not be frozen.
#include "base/os/file.hpp"
#include "base/os/process.hpp"
#include "stdlib/library.hpp"
#include "vm/vm.hpp"

namespace moonlet::stdlib {

using namespace vm;

namespace os = base::os;

namespace {

constexpr std::string_view kLoaded = "_LOADED";
constexpr std::string_view kPreload = "_PRELOAD";
constexpr std::string_view kPackage = "_PACKAGE";
// Set in the registry by an embedder whose scripts shall not see the environment.
constexpr std::string_view kNoEnvironment = "LUA_NOENV";

constexpr std::string_view kDefaultPath =
    "/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;"
    "/usr/local/lib/lua/5.4/?.lua;/usr/local/lib/lua/5.4/?/init.lua;./?.lua;./?/init.lua";
constexpr std::string_view kDefaultNativePath =
    "/usr/local/lib/lua/5.4/?.so;/usr/local/lib/lua/5.4/loadall.so;./?.so";
// Folder separator, template separator, mark of the name, mark of the program's folder, mark that
// ends a version prefix: one a line.
constexpr std::string_view kConfiguration = "/\n;\n?\n!\n-\n";

// A path from the environment, with ";;" standing for the default.
std::string path_from(Vm& vm, std::string_view variable, std::string_view fallback) {
  const Value no_environment = get_field(vm.heap, *vm.heap.registry, kNoEnvironment);
  if (!no_environment.is_falsy()) return std::string(fallback);
  auto path = os::environment_variable(std::string(variable) + "_5_4");
  if (!path) path = os::environment_variable(std::string(variable));
  if (!path) return std::string(fallback);
  const std::size_t mark = path->find(";;");
  if (mark == std::string::npos) return *path;
  std::string result = path->substr(0, mark);
  if (mark > 0) result += ';';
  result += fallback;
  if (mark + 2 < path->size()) result += ";" + path->substr(mark + 2);
  return result;
}

bool set_text(Vm& vm, Table& table, std::string_view name, std::string_view text) {
  String* string = vm.heap.new_string(text);
  return string != nullptr && set_field(vm.heap, table, name, Value::from(string));
}

// The registry's table of that name, made when there is none; nullptr: no memory.
Table* ensure_registry_table(Vm& vm, std::string_view name) {
  const Value value = get_field(vm.heap, *vm.heap.registry, name);
  if (value.is_table()) return value.table();
  Table* table = vm.heap.new_table();
  if (table == nullptr) return nullptr;
  return set_field(vm.heap, *vm.heap.registry, name, Value::from(table)) ? table : nullptr;
}

Table* make_searchers(Vm& vm) {
  constexpr std::string_view kNames[] = {"intrinsic.searcher_preload", "intrinsic.searcher_lua",
                                         "intrinsic.searcher_native",
                                         "intrinsic.searcher_native_root"};
  Table* searchers = vm.heap.new_table(4);
  if (searchers == nullptr) return nullptr;
  std::int64_t place = 0;
  for (const std::string_view name : kNames) {
    const int index = vm.builtins.find(name);
    ML_CHECK(index >= 0);
    const Value function = Value::from_builtin(static_cast<std::uint32_t>(index));
    if (table_set_integer(vm.heap, *searchers, ++place, function) != heap::SetResult::Ok) {
      return nullptr;
    }
  }
  return searchers;
}

// package.loadlib(path, name)
int package_loadlib(Vm& vm, Value* args, int count) {
  String* text;
  if (!arg_string(vm, args, count, 0, text)) return vm.failure;
  if (!arg_string(vm, args, count, 1, text)) return vm.failure;
  String* message =
      vm.heap.new_string("dynamic libraries not enabled; check your Lua installation");
  String* where = vm.heap.new_string("absent");
  if (message == nullptr || where == nullptr) return kNoMemory;
  args[-1] = Value::nil();
  args[0] = Value::from(message);
  args[1] = Value::from(where);
  return 3;
}

int delegate(Vm&, Value*, int) { return kDelegate; }

// ---- For the prelude.

// intrinsic.is_readable(name): can the file be opened?
int intrinsic_is_readable(Vm&, Value* args, int count) {
  bool is_readable = false;
  if (count > 0 && args[0].is_string()) {
    const auto file = os::open_file(args[0].string()->data(), {.can_read = true});
    is_readable = file.has_value();
    if (file) os::close_file(*file);
  }
  return return_one(args, Value::boolean(is_readable));
}

// intrinsic.package_state(): the package table, and those of loaded modules and known loaders,
// whatever scripts have made of package.loaded and package.preload.
int intrinsic_package_state(Vm& vm, Value* args, int) {
  args[-1] = get_field(vm.heap, *vm.heap.registry, kPackage);
  args[0] = get_field(vm.heap, *vm.heap.registry, kLoaded);
  args[1] = get_field(vm.heap, *vm.heap.registry, kPreload);
  return 3;
}

constexpr LibrarySet kAll = LibrarySet::All;

constexpr BuiltinRow kRows[] = {
    {"package.loadlib", package_loadlib, nullptr, kAll},
    {"package.searchpath", delegate, nullptr, kAll},
    {"require", delegate, nullptr, kAll},
    {"intrinsic.is_readable", intrinsic_is_readable, nullptr, kAll},
    {"intrinsic.package_state", intrinsic_package_state, nullptr, kAll},
    {"intrinsic.searcher_preload", delegate, nullptr, kAll},
    {"intrinsic.searcher_lua", delegate, nullptr, kAll},
    {"intrinsic.searcher_native", delegate, nullptr, kAll},
    {"intrinsic.searcher_native_root", delegate, nullptr, kAll},
};

}  // namespace

std::span<const vm::BuiltinRow> package_rows() { return kRows; }

bool fill_package(vm::Vm& vm, vm::Table& library) {
  Table* loaded = ensure_registry_table(vm, kLoaded);
  Table* preload = ensure_registry_table(vm, kPreload);
  Table* searchers = make_searchers(vm);
  if (loaded == nullptr || preload == nullptr || searchers == nullptr) return false;
  return set_text(vm, library, "config", kConfiguration) &&
         set_text(vm, library, "path", path_from(vm, "LUA_PATH", kDefaultPath)) &&
         set_text(vm, library, "cpath", path_from(vm, "LUA_CPATH", kDefaultNativePath)) &&
         set_field(vm.heap, library, "searchers", Value::from(searchers)) &&
         set_field(vm.heap, library, "loaded", Value::from(loaded)) &&
         set_field(vm.heap, library, "preload", Value::from(preload)) &&
         set_field(vm.heap, *vm.heap.registry, kPackage, Value::from(&library));
}

}  // namespace moonlet::stdlib
