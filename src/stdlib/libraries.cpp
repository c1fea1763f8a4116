#include "stdlib/libraries.hpp"

#include <algorithm>

#include "base/siphash.hpp"
#include "bytecode/analysis.hpp"
#include "bytecode/binary_chunk.hpp"
#include "stdlib/library.hpp"
#include "stdlib/luau/library.hpp"
#include "stdlib/luau/rows.hpp"
#include "vm/call.hpp"
#include "vm/launch.hpp"
#include "vm/loader.hpp"
#include "vm/no_host.hpp"

namespace moonlet::stdlib {

using vm::LibrarySet;
using vm::String;
using vm::Table;
using vm::Value;
using vm::Vm;

vm::BuiltinTable make_builtin_table() {
  vm::BuiltinTable table;
  for (const auto& rows : {base_rows(),
                           load_rows(),
                           collect_rows(),
                           coroutine_rows(),
                           debug_rows(),
                           intrinsic_rows(),
                           io_rows(),
                           math_rows(),
                           os_rows(),
                           package_rows(),
                           string_rows(),
                           table_rows(),
                           utf8_rows(),
                           luau::base_rows(),
                           luau::bit32_rows(),
                           luau::buffer_rows(),
                           luau::math_rows(),
                           luau::string_rows(),
                           luau::table_rows(),
                           luau::vector_rows(),
                           luau_coroutine_rows(),
                           luau::debug_rows(),
                           luau::os_rows(),
                           luau::utf8_rows(),
                           luau_environment_rows(),
                           luau_iteration_rows(),
                           luau_test_rows()}) {
    for (const vm::BuiltinRow& row : rows) table.add(row);
  }
  table.find_roles();
  return table;
}

bool LibrarySelection::includes(std::string_view library) const {
  return names.empty() || std::find(names.begin(), names.end(), library) != names.end();
}

namespace {

std::unexpected<std::string> out_of_memory() {
  return std::unexpected(std::string("not enough memory for the library"));
}

// Tables and the main thread that every Vm has.
bool make_roots(Vm& vm) {
  heap::Heap& heap = vm.heap;
  heap.globals = heap.new_table();
  heap.registry = heap.new_table();
  heap.main_thread = heap.new_thread(vm::kStackSlack + 32);
  heap.current_thread = heap.main_thread;
  if (heap.globals == nullptr || heap.registry == nullptr || heap.main_thread == nullptr) {
    return false;
  }
  // Where Lua 5.4 has them (LUA_RIDX_MAINTHREAD, LUA_RIDX_GLOBALS), for debug.getregistry.
  const auto put = [&heap](std::int64_t index, const Value& value) {
    return heap::table_set_integer(heap, *heap.registry, index, value) == heap::SetResult::Ok;
  };
  return put(1, Value::from(heap.main_thread)) && put(2, Value::from(heap.globals));
}

}  // namespace

// ---- The shared part.

std::expected<std::unique_ptr<BaseLibrary>, std::string> BaseLibrary::make(
    const vm::BuiltinTable& builtins) {
  std::unique_ptr<BaseLibrary> base(new BaseLibrary());
  base->host_ = std::make_unique<vm::NoHost>();
  base->machine_ = std::make_unique<Vm>(builtins, *base->host_, heap::default_host_allocator());
  if (!vm::make_names(*base->machine_) || !make_roots(*base->machine_)) return out_of_memory();
  std::string all;
  for (const PreludeChunk& chunk : prelude_chunks()) {
    if (auto done = base->run(chunk); !done) return std::unexpected(done.error());
    all += chunk.name;
    all += chunk.bytes;
  }
  for (const vm::BuiltinRow& row : builtins.rows) all += row.name;
  base->fingerprint_ = base::siphash13({0, 0}, all);
  base->seal();
  return base;
}

std::expected<void, std::string> BaseLibrary::run(const PreludeChunk& prelude) {
  const auto failed = [&prelude](std::string_view why) {
    return std::unexpected("prelude " + std::string(prelude.name) + ": " + std::string(why));
  };
  Vm& machine = *machine_;
  auto chunk = bytecode::undump(prelude.bytes);
  if (!chunk) return failed(chunk.error());
#ifndef NDEBUG
  // In release builds the compiler's word is good enough: it has verified what it wrote.
  if (const auto verified = bytecode::verify(*chunk, bytecode::AllowBuiltins::Yes); !verified) {
    return failed(verified.error());
  }
#endif
  vm::Proto* proto = vm::load_chunk(machine, *std::move(chunk), vm::ProtoOrigin::Prelude);
  if (proto == nullptr) return out_of_memory();
  vm::Closure* main = vm::new_main_closure(machine, proto, Value::nil());
  if (main == nullptr || !vm::start_main(machine, Value::from(main), {})) return out_of_memory();
  vm::run(machine);
  if (machine.outcome != vm::Outcome::Finished || machine.results_count != 1) {
    return failed(vm::basic_text(machine, machine.heap.error));
  }
  const Table& exported = *machine.heap.main_thread->base[0].table();
  Value key;
  Value function;
  for (std::uint64_t at = heap::table_next_position(exported, 0, key, function); at != 0;
       at = heap::table_next_position(exported, at, key, function)) {
    vm::Proto* code = function.closure()->proto;
    code->debug_name = key.string();
    machine.heap.extra_roots.push_back(function);
    exports_.push_back(
        {key.string()->view(), function, machine.builtins.find(key.string()->view())});
  }
  return {};
}

namespace {

// Short ones are found by their text, in whichever heap.
bool is_long_string(const heap::Object& object) {
  return object.kind == heap::Kind::String && static_cast<const heap::String&>(object).is_long();
}

}  // namespace

void BaseLibrary::seal() {
  heap::Heap& heap = machine_->heap;
  heap.collect_full();
  for (heap::Object* object = heap.objects; object != nullptr; object = object->next) {
    object->mark = heap::kPermanent;
    if (object->kind == heap::Kind::Closure || object->kind == heap::Kind::Cell ||
        object->kind == heap::Kind::Proto || is_long_string(*object)) {
      objects_.push_back(object);
    }
  }
  std::reverse(objects_.begin(), objects_.end());
  delegates_.assign(machine_->builtins.rows.size(), Value::nil());
  for (const Export& e : exports_) {
    if (e.builtin >= 0) delegates_[static_cast<std::size_t>(e.builtin)] = e.function;
  }
  // Numbers below those that a Vm gives (Heap::next_identity).
  close_state_ = find("intrinsic.close_state");
  std::uint64_t identity = vm::kFirstBaseIdentity;
  for (heap::Object* object : objects_) object->set_identity(identity++);
  // All strings have one: to give it later would write to what all Vms share.
  for (heap::Object* object = heap.objects; object != nullptr; object = object->next) {
    if (object->kind == heap::Kind::String && object->identity() == 0) {
      object->set_identity(identity++);
    }
  }
  ML_CHECK(identity <= vm::kFirstIdentity);
  find_world();
}

void BaseLibrary::find_world() {
  reaches_world_.assign(objects_.size(), false);
  const auto is_found = [this](const heap::Object* object) {
    const std::uint64_t position = object->identity() - vm::kFirstBaseIdentity;
    return position < reaches_world_.size() && reaches_world_[position];
  };
  const auto leads = [this, &is_found](const Value& v) {
    if (v.is_builtin()) return machine_->builtins.rows[v.builtin()].set == LibrarySet::All;
    return v.is_object() && is_found(v.object);
  };
  const auto reaches = [&is_found, &leads](const heap::Object* object) {
    switch (object->kind) {
      case heap::Kind::Cell:
        return leads(static_cast<const heap::Cell*>(object)->closed);
      case heap::Kind::Proto: {
        const auto& proto = static_cast<const vm::Proto&>(*object);
        return std::any_of(proto.constants, proto.constants + proto.constant_count, leads) ||
               std::any_of(proto.children, proto.children + proto.child_count, is_found);
      }
      case heap::Kind::String:
        return false;
      default: {
        auto& closure = *static_cast<vm::Closure*>(const_cast<heap::Object*>(object));
        return is_found(closure.proto) ||
               std::any_of(closure.upvalues(), closure.upvalues() + closure.flags, is_found);
      }
    }
  };
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (std::size_t n = 0; n < objects_.size(); ++n) {
      if (!reaches_world_[n] && reaches(objects_[n])) goes_on = reaches_world_[n] = true;
    }
  }
}

Value BaseLibrary::find(std::string_view name) const {
  for (const Export& e : exports_) {
    if (e.name == name) return e.function;
  }
  return Value::nil();
}

namespace {

// Messages read the text of a __name; as a value it is never seen, so it need not be interned.
String* new_type_name(heap::Heap& heap, std::string_view text) {
  auto* name =
      static_cast<String*>(heap.new_object(heap::Kind::String, heap::string_bytes(text.size())));
  if (name == nullptr) return nullptr;
  name->flags = heap::kStringIsLong;
  name->size = static_cast<std::uint32_t>(text.size());
  name->hash = 0;
  std::copy(text.begin(), text.end(), name->data());
  name->data()[text.size()] = '\0';
  name->mark = heap::kPermanent;
  return name;
}

}  // namespace

Table* BaseLibrary::new_type_metatable(std::string_view type_name, std::span<const Value> events) {
  heap::Heap& heap = machine_->heap;
  Table* table = heap.new_table(0, static_cast<std::uint32_t>(events.size()));
  String* name = new_type_name(heap, type_name);
  if (table == nullptr || name == nullptr) return nullptr;
  std::uint32_t absent = 0;
  for (std::size_t n = 0; n < events.size(); ++n) {
    Value value = events[n];
    if (n == static_cast<std::size_t>(heap::Event::Name)) value = Value::from(name);
    if (n == static_cast<std::size_t>(heap::Event::Metatable)) value = Value::boolean(false);
    if (value.is_nil()) {
      absent |= 1u << n;
    } else if (heap::table_set_string(heap, *table, heap.event_names->names[n], value) !=
               heap::SetResult::Ok) {
      return nullptr;
    }
  }
  table->set_absent_events(absent);
  table->flags |= heap::kTableReadOnly;
  table->mark = heap::kPermanent;
  return table;
}

void attach_library(Vm& vm, const BaseLibrary& base) {
  vm.heap.image_strings = base.strings();
  vm.heap.next_identity = vm::kFirstIdentity;
  vm.delegates = &base.delegates();
  vm.close_state = base.close_state();
  vm::share_names(vm, base.machine());
}

// ---- One Vm's tables.

namespace {

// Libraries that Lua does not have, all of them in the prelude.
constexpr std::string_view kAgentLibraries[] = {"base64", "hash", "json", "utc", "uuid"};

bool is_agent_library(std::string_view name) {
  return std::find(std::begin(kAgentLibraries), std::end(kAgentLibraries), name) !=
         std::end(kAgentLibraries);
}

class Opener {
 public:
  Opener(Vm& vm, const LibrarySelection& selection) : vm_(vm), selection_(selection) {}

  bool open(const BaseLibrary& base) {
    if (!make_roots(vm_) || !make_tables()) return false;
    for (std::size_t n = 0; n < vm_.builtins.rows.size(); ++n) {
      const vm::BuiltinRow& row = vm_.builtins.rows[n];
      if (selection_.set == LibrarySet::Safe && row.set == LibrarySet::All) continue;
      const std::string_view name = script_name(row.name);
      if (name.empty()) continue;
      if (!install(name, Value::from_builtin(static_cast<std::uint32_t>(n)))) return false;
    }
    for (const BaseLibrary::Export& e : base.exports()) {
      const std::string_view name = script_name(e.name);
      if (e.builtin < 0 && !name.empty() && is_selected(e.name) && !install(name, e.function)) {
        return false;
      }
    }
    if (!(is_luau() ? fill_luau() : fill())) return false;
    // Agents cannot change the library: its tables are shared by all forks.
    if (selection_.set == LibrarySet::Safe || (is_luau() && selection_.is_sandboxed)) protect();
    if (is_luau() && selection_.is_sandboxed) vm_.heap.globals->flags |= heap::kTableReadOnly;
    return true;
  }

 private:
  bool is_luau() const { return selection_.dialect == vm::Dialect::Luau; }
  // What scripts of the dialect call it; "": they do not have it.
  std::string_view script_name(std::string_view stable_name) const {
    if (is_luau()) return luau_name(stable_name);
    return stable_name.find(':') == std::string_view::npos ? stable_name : std::string_view();
  }

  void protect() {
    Value name;
    Value library;
    for (std::uint64_t at = heap::table_next_position(*loaded_, 0, name, library); at != 0;
         at = heap::table_next_position(*loaded_, at, name, library)) {
      if (library.table() != vm_.heap.globals) library.table()->flags |= heap::kTableReadOnly;
    }
    for (Table* metatable : vm_.heap.basic_metatables->of) {
      if (metatable != nullptr) metatable->flags |= heap::kTableReadOnly;
    }
  }

  bool make_tables() {
    heap::Heap& heap = vm_.heap;
    loaded_ = heap.new_table();
    Table* preload = heap.new_table();
    String* version = heap.new_string(is_luau() ? "Luau" : "Lua 5.4");
    if (loaded_ == nullptr || preload == nullptr || version == nullptr) return false;
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
    ok = table != nullptr && heap::set_field(vm_.heap, *loaded_, name, Value::from(table));
    // Programs that know Lua's globals alone get those of agents by require.
    const bool is_global = selection_.set == LibrarySet::Safe || !is_agent_library(name);
    ok = ok &&
         (!is_global || heap::set_field(vm_.heap, *vm_.heap.globals, name, Value::from(table)));
    return ok ? table : nullptr;
  }

  bool install(std::string_view name, const Value& function) {
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

  // Prelude functions without a native row: which of them touch the world is listed here.
  bool is_selected(std::string_view name) const {
    if (selection_.set == LibrarySet::All) return true;
    return name != "dofile" && name.substr(0, 3) != "io." && name.substr(0, 8) != "package." &&
           name != "require" && name != "luau:require";
  }

  bool fill_luau() {
    bool ok = true;
    if (Table* t = library("math", ok); t != nullptr) ok = ok && luau::fill_math(vm_, *t);
    if (Table* t = library("utf8", ok); t != nullptr) ok = ok && fill_utf8(vm_, *t);
    if (Table* t = library("string", ok); t != nullptr) ok = ok && luau::fill_string(vm_, *t);
    if (Table* t = library("vector", ok); t != nullptr) ok = ok && luau::fill_vector(vm_, *t);
    return ok;
  }

  bool fill() {
    bool ok = true;
    if (Table* t = library("math", ok); t != nullptr) ok = ok && fill_math(vm_, *t);
    if (Table* t = library("utf8", ok); t != nullptr) ok = ok && fill_utf8(vm_, *t);
    if (Table* t = library("string", ok); t != nullptr) ok = ok && fill_string(vm_, *t);
    if (selection_.set == LibrarySet::All) {
      if (Table* t = library("io", ok); t != nullptr) ok = ok && fill_io(vm_, *t);
      if (Table* t = library("package", ok); t != nullptr) ok = ok && fill_package(vm_, *t);
    }
    return ok;
  }

  Vm& vm_;
  const LibrarySelection& selection_;
  Table* loaded_ = nullptr;
};

}  // namespace

bool has_library(const vm::BuiltinTable& builtins, const LibrarySelection& selection,
                 std::string_view name) {
  if (name == "base" || is_agent_library(name)) return true;
  if (name.empty() || name == "intrinsic") return false;
  return std::any_of(builtins.rows.begin(), builtins.rows.end(), [&](const vm::BuiltinRow& row) {
    const std::string_view known =
        selection.dialect == vm::Dialect::Luau ? luau_name(row.name) : row.name;
    return known.starts_with(name) && known.substr(name.size()).starts_with('.') &&
           (selection.set == LibrarySet::All || row.set == LibrarySet::Safe);
  });
}

Table* new_script_globals(Vm& vm) {
  heap::Heap& heap = vm.heap;
  const bool is_luau = vm.dialect == vm::Dialect::Luau;
  const bool is_sandboxed = (heap.globals->flags & heap::kTableReadOnly) != 0;
  if (!is_luau && !is_sandboxed) return heap.globals;
  Table* globals = heap.new_table();
  Table* metatable = heap.new_table();
  if (globals == nullptr || metatable == nullptr ||
      !heap::set_field(heap, *metatable, "__index", Value::from(heap.globals))) {
    return nullptr;
  }
  metatable->flags |= heap::kTableReadOnly;
  globals->metatable = metatable;
  // Where nothing is guarded, _G is what the script writes its globals to.
  if (!is_sandboxed && !heap::set_field(heap, *globals, "_G", Value::from(globals))) return nullptr;
  return globals;
}

bool open_libraries(Vm& vm, const BaseLibrary& base, const LibrarySelection& selection) {
  return Opener(vm, selection).open(base);
}

}  // namespace moonlet::stdlib
