#include "api/config_table.hpp"

#include <charconv>

#include "api/convert.hpp"
#include "api/vm_record.hpp"
#include "heap/table.hpp"

namespace moonlet::api {

using heap::Table;
using vm::kNoMemory;

namespace {

constexpr std::string_view kIndexName = "host:config_index";

const Value& nothing() {
  static const Value kNil;
  return kNil;
}

const Value& member(const Value& value, char type, std::string_view key) {
  if (type == 's') {
    const Value* found = value.find(key);
    return found != nullptr ? *found : nothing();
  }
  std::size_t position = 0;
  std::from_chars(key.data(), key.data() + key.size(), position);
  const Value::Array* list = value.array();
  if (list == nullptr || position == 0 || position > list->size()) return nothing();
  return (*list)[position - 1];
}

std::string step(char type, std::string_view key) {
  return type + std::to_string(key.size()) + ":" + std::string(key);
}

// What `path` leads to. Paths are the program's, so anything may stand in them.
const Value& look_up(const Value& root, std::string_view path) {
  const Value* at = &root;
  while (!path.empty()) {
    const char type = path[0];
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), size);
    const std::size_t from = static_cast<std::size_t>(end - path.data()) + 1;
    if (error != std::errc() || from > path.size() || size > path.size() - from) return nothing();
    at = &member(*at, type, path.substr(from, size));
    path.remove_prefix(from + size);
  }
  return *at;
}

bool set_function(vm::Vm& vm, Table& table, std::string_view field, std::string_view name) {
  const int index = vm.builtins.find(name);
  ML_CHECK(index >= 0);
  return heap::set_field(vm.heap, table, field,
                         vm::Value::from_builtin(static_cast<std::uint32_t>(index)));
}

// A table for the part at `path`, or nullptr.
Table* new_view(vm::Vm& vm, std::string_view path) {
  Table* view = vm.heap.new_table();
  Table* metatable = vm.heap.new_table(1, 6);
  heap::String* text = vm.heap.new_string(path);
  if (view == nullptr || metatable == nullptr || text == nullptr) return nullptr;
  const bool done = heap::table_set_integer(vm.heap, *metatable, 1, vm::Value::from(text)) ==
                        heap::SetResult::Ok &&
                    set_function(vm, *metatable, "__index", kIndexName) &&
                    set_function(vm, *metatable, "__newindex", "host:config_newindex") &&
                    set_function(vm, *metatable, "__len", "host:config_length") &&
                    set_function(vm, *metatable, "__pairs", "host:config_pairs") &&
                    heap::set_field(vm.heap, *metatable, "__metatable", vm::Value::boolean(false));
  if (!done) return nullptr;
  view->metatable = metatable;
  return view;
}

// The path of a view, or nothing.
const heap::String* path_of(vm::Vm& vm, const Table& table) {
  if (table.metatable == nullptr) return nullptr;
  const vm::Value index = heap::get_field(vm.heap, *table.metatable, "__index");
  if (!index.is_builtin() || vm.builtins.rows[index.builtin()].name != kIndexName) return nullptr;
  const vm::Value path = heap::table_get_integer(*table.metatable, 1);
  return path.is_string() ? path.string() : nullptr;
}

const Value& config_of(vm::Vm& vm) { return VmRecord::of(vm).config(); }

// A value of the configuration as the program sees it. False: no memory.
bool show(vm::Vm& vm, const Value& value, const std::string& path, vm::Value& out) {
  if (value.array() == nullptr && value.object() == nullptr) return to_guest(vm, value, out);
  Table* view = new_view(vm, path);
  if (view == nullptr) return false;
  out = vm::Value::from(view);
  return true;
}

bool key_step(const vm::Value& key, std::string& out) {
  if (key.is_string()) {
    out = step('s', key.string()->view());
    return true;
  }
  std::int64_t position;
  if (!key.is_number() || !vm::number_to_integer(key, position)) return false;
  out = step('i', std::to_string(position));
  return true;
}

}  // namespace

const Value* config_behind(vm::Vm& vm, const Table& table) {
  const heap::String* path = path_of(vm, table);
  return path != nullptr ? &look_up(config_of(vm), path->view()) : nullptr;
}

int host_config(vm::Vm& vm, vm::Value* args, int) {
  Table* view = new_view(vm, "");
  if (view == nullptr) return kNoMemory;
  return vm::return_one(args, vm::Value::from(view));
}

int config_index(vm::Vm& vm, vm::Value* args, int count) {
  const heap::String* path =
      count > 1 && args[0].is_table() ? path_of(vm, *args[0].table()) : nullptr;
  std::string last;
  if (path == nullptr || !key_step(args[1], last)) return vm::return_one(args, vm::Value::nil());
  const std::string whole = std::string(path->view()) + last;
  vm::Value out;
  if (!show(vm, look_up(config_of(vm), whole), whole, out)) return kNoMemory;
  return vm::return_one(args, out);
}

int config_newindex(vm::Vm& vm, vm::Value*, int) {
  return vm::throw_error(vm, "the configuration cannot be changed by the program");
}

int config_length(vm::Vm& vm, vm::Value* args, int count) {
  const Value* config =
      count > 0 && args[0].is_table() ? config_behind(vm, *args[0].table()) : nullptr;
  const bool is_list = config != nullptr && config->array() != nullptr;
  return vm::return_one(
      args, vm::Value::from(is_list ? static_cast<std::int64_t>(config->array()->size()) : 0));
}

// A copy of one level to walk over; what lies deeper are views.
int config_pairs(vm::Vm& vm, vm::Value* args, int count) {
  const Value* config =
      count > 0 && args[0].is_table() ? config_behind(vm, *args[0].table()) : nullptr;
  Table* copy = vm.heap.new_table();
  if (copy == nullptr) return kNoMemory;
  if (config != nullptr) {
    const std::string path(path_of(vm, *args[0].table())->view());
    vm::Value shown;
    if (const Value::Object* record = config->object()) {
      for (const Member& m : *record) {
        if (!show(vm, m.value, path + step('s', m.name), shown)) return kNoMemory;
        if (!heap::set_field(vm.heap, *copy, m.name, shown)) return kNoMemory;
      }
    } else if (const Value::Array* list = config->array()) {
      for (std::size_t n = 1; n <= list->size(); ++n) {
        if (!show(vm, (*list)[n - 1], path + step('i', std::to_string(n)), shown)) {
          return kNoMemory;
        }
        if (heap::table_set_integer(vm.heap, *copy, static_cast<std::int64_t>(n), shown) !=
            heap::SetResult::Ok) {
          return kNoMemory;
        }
      }
    }
  }
  args[-1] = vm::Value::from_builtin(static_cast<std::uint32_t>(vm.builtins.roles.next));
  args[0] = vm::Value::from(copy);
  args[1] = vm::Value::nil();
  return 3;
}

}  // namespace moonlet::api
