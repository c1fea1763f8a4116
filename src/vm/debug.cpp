#include "vm/debug.hpp"

#include <algorithm>

namespace moonlet::vm {

using heap::LinkKind;
using heap::LinkType;

namespace {

bool is_prelude_frame(const Value* base) {
  return !heap::frame_is_builtin(base) &&
         (heap::frame_closure(base)->proto->flags & heap::kProtoIsBuiltin) != 0;
}

void fill_link(Level& level) {
  level.link = frame_link(level.base);
  level.is_tail_called =
      heap::link_type(level.link) == LinkType::LuaTail ||
      (heap::link_type(level.link) == LinkType::Other && (level.link & heap::kLinkTailCalled) != 0);
}

bool is_hidden(const Level& level) {
  return is_prelude_internal(level.function(), true_base(level.base), level.link);
}

bool physical_top(Thread& thread, Level& out) {
  if (thread.entry == heap::ThreadEntry::StartCall && thread.base <= thread.stack) return false;
  if (thread.status == heap::ThreadStatus::Dead) return false;
  if (thread.base == nullptr || thread.base <= thread.stack) return false;
  out.thread = &thread;
  out.base = thread.base;
  out.pc = nullptr;
  out.above = 0;
  out.limit = thread.top;
  if (!out.is_builtin()) {
    const Proto& proto = *heap::frame_closure(thread.base)->proto;
    out.pc = thread.pc > proto.code ? thread.pc - 1 : proto.code;
    if (!thread.open_top) out.limit = thread.base + proto.max_stack;
  }
  fill_link(out);
  return true;
}

}  // namespace

bool is_prelude_internal(const Value& function, Value* base, std::uint64_t link) {
  if (!looks_native(function)) return false;
  if (heap::link_type(link) != LinkType::Other) {
    const Instruction* call = heap::link_pc(link) - 1;
    Value* caller = base - 1 - bytecode::op_a(*call);
    return is_prelude_frame(caller) &&
           calls_own_function(*heap::frame_closure(caller)->proto, call);
  }
  const LinkKind kind = heap::link_kind(link);
  if (kind != LinkKind::Meta && kind != LinkKind::Native) return false;
  Value* caller = base - heap::link_delta(link);
  if (kind == LinkKind::Meta) {
    if (!is_prelude_frame(caller)) return false;
    const Proto& proto = *heap::frame_closure(caller)->proto;
    return calls_own_function(proto, proto.code + heap::link_position(link));
  }
  // A local function of the prelude's, in the hands of a builtin that the prelude called.
  return function.is_closure() && function.closure()->proto->debug_name == nullptr &&
         is_prelude_internal(heap::frame_function(caller), caller, caller[-1].meta);
}

bool physical_caller(Vm&, const Level& level, Level& caller) {
  const LinkType type = heap::link_type(level.link);
  if (type == LinkType::Other && heap::link_kind(level.link) == LinkKind::Bottom) return false;
  caller.thread = level.thread;
  caller.base = caller_base(level.base);
  if (caller.base == nullptr) return false;
  caller.pc = nullptr;
  caller.above = level.link;
  caller.limit = true_base(level.base) - 1;
  if (type != LinkType::Other) {
    caller.pc = heap::link_pc(level.link) - 1;
  } else if (!heap::frame_is_builtin(caller.base)) {
    caller.pc = heap::frame_closure(caller.base)->proto->code + heap::link_position(level.link);
  }
  fill_link(caller);
  return true;
}

bool next_level(Vm& vm, Level& level) {
  Level caller;
  if (!physical_caller(vm, level, caller)) return false;
  while (is_hidden(caller)) {
    Level further;
    if (!physical_caller(vm, caller, further)) break;
    caller = further;
  }
  level = caller;
  return true;
}

bool find_level(Vm& vm, Thread& thread, int number, Level& out) {
  if (number < 0 || !physical_top(thread, out)) return false;
  while (is_hidden(out)) {
    Level further;
    if (!physical_caller(vm, out, further)) break;
    out = further;
  }
  for (; number > 0; --number) {
    if (!next_level(vm, out)) return false;
  }
  return true;
}

bool looks_native(const Value& function) {
  return !function.is_closure() || (function.closure()->proto->flags & heap::kProtoIsBuiltin) != 0;
}

Value visible_function(Vm& vm, const Value& function) {
  if (!function.is_closure() || !looks_native(function)) return function;
  for (std::size_t n = 0; n < vm.delegates->size(); ++n) {
    if (heap::is_identical((*vm.delegates)[n], function)) {
      return Value::from_builtin(static_cast<std::uint32_t>(n));
    }
  }
  return function;
}

std::int32_t line_of(const Proto& proto, const Instruction* pc) {
  return proto.lines == nullptr ? -1 : proto.lines[pc - proto.code];
}

int current_line(const Level& level) {
  if (level.is_builtin() || is_prelude_frame(level.base)) return -1;
  return line_of(*heap::frame_closure(level.base)->proto, level.pc);
}

std::string short_source(std::string_view name, std::size_t size) {
  if (name.empty()) return "[string \"\"]";
  if (name[0] == '=') return std::string(name.substr(1, size - 1));
  if (name[0] == '@') {
    name.remove_prefix(1);
    if (name.size() < size) return std::string(name);
    return "..." + std::string(name.substr(name.size() - (size - 1 - 3)));
  }
  const std::size_t line_end = name.find('\n');
  const std::size_t available = size - 15;  // [string "..."] and the end mark
  std::string_view line = name.substr(0, line_end);
  if (line_end == std::string_view::npos && line.size() < available) {
    return "[string \"" + std::string(line) + "\"]";
  }
  line = line.substr(0, std::min(line.size(), available));
  return "[string \"" + std::string(line) + "...\"]";
}

std::string short_source(const Proto& proto) {
  if (proto.source == nullptr) return "?";
  const bool is_luau = (proto.flags & heap::kProtoIsLuau) != 0;
  return short_source(proto.source->view(), is_luau ? kLuauSourceSize : kLua54SourceSize);
}

std::string where(Vm& vm, Thread& thread, int number) {
  Level level;
  return find_level(vm, thread, number, level) ? where(level) : std::string();
}

std::string where(const Level& level) {
  const int line = current_line(level);
  if (line <= 0) return {};
  return short_source(*heap::frame_closure(level.base)->proto) + ":" + std::to_string(line) + ": ";
}

constexpr std::string_view kIntrinsic = "intrinsic.";
constexpr std::string_view kOfLuau = "luau:";
constexpr std::string_view kOfHost = "host:";  // its table has the name that the host gives it

std::string library_name(Vm& vm, const Value& function) {
  if (function.is_closure() && function.closure()->proto->debug_name != nullptr) {
    std::string_view name = function.closure()->proto->debug_name->view();
    if (name.starts_with(kOfLuau)) name.remove_prefix(kOfLuau.size());
    if (!name.starts_with(kIntrinsic) && !name.starts_with(kOfHost)) return std::string(name);
  }
  if (vm.heap.registry == nullptr) return {};
  const Value loaded = heap::get_field(vm.heap, *vm.heap.registry, "_LOADED");
  if (!loaded.is_table()) return {};
  Value name;
  Value module;
  for (std::uint64_t at = heap::table_next_position(*loaded.table(), 0, name, module); at != 0;
       at = heap::table_next_position(*loaded.table(), at, name, module)) {
    if (!name.is_string() || !module.is_table()) continue;
    Value key;
    Value value;
    for (std::uint64_t in = heap::table_next_position(*module.table(), 0, key, value); in != 0;
         in = heap::table_next_position(*module.table(), in, key, value)) {
      if (!key.is_string() || !heap::is_identical(value, function)) continue;
      std::string out;
      if (name.string()->view() != "_G") out = std::string(name.string()->view()) + ".";
      return out + std::string(key.string()->view());
    }
  }
  return {};
}

std::string describe_function(Vm& vm, const Level& level) {
  const Value function = level.function();
  const std::string library = library_name(vm, function);
  if (!library.empty()) return "function '" + library + "'";
  const FunctionName name = called_name(vm, level);
  if (!name.kind.empty()) return std::string(name.kind) + " '" + name.name + "'";
  if (looks_native(function)) return "?";
  const Proto& proto = *function.closure()->proto;
  if (proto.line_defined == 0) return "main chunk";
  return "function <" + short_source(proto) + ":" + std::to_string(proto.line_defined) + ">";
}

void add_level(Vm& vm, const Level& level, std::string& out) {
  out += "\n\t";
  const int line = current_line(level);
  if (looks_native(level.function())) {
    out += "[C]: in ";
  } else if (line > 0) {
    out += short_source(*heap::frame_closure(level.base)->proto) + ":" + std::to_string(line) +
           ": in ";
  } else {
    out += short_source(*heap::frame_closure(level.base)->proto) + ": in ";
  }
  out += describe_function(vm, level);
  if (level.is_tail_called) out += "\n\t(...tail calls...)";
}

// ---- Errors.

int throw_here(Vm& vm, std::string_view message) {
  Thread& thread = *vm.thread();
  std::string text;
  // Natives, the prelude's among them, raise errors of operations without a position.
  if (thread.base > thread.stack && !heap::frame_is_builtin(thread.base) &&
      !is_prelude_frame(thread.base)) {
    const Proto& proto = *heap::frame_closure(thread.base)->proto;
    const Instruction* pc = thread.pc > proto.code ? thread.pc - 1 : proto.code;
    text = short_source(proto) + ":" + std::to_string(line_of(proto, pc)) + ": ";
  }
  text += message;
  return throw_value_text(vm, text);
}

int throw_operand_error(Vm& vm, const Value* operand, std::string_view operation) {
  if (vm.dialect == Dialect::Luau) {
    return throw_here(vm, "attempt to " + std::string(operation) + " a " +
                              luau_type_name(vm, *operand) + " value");
  }
  return throw_here(vm, "attempt to " + std::string(operation) + " a " +
                            std::string(type_name(vm, *operand)) + " value" +
                            describe_operand(vm, operand));
}

int throw_index_error(Vm& vm, const Value* object, const Value& key) {
  if (vm.dialect == Dialect::Luau) return throw_here(vm, luau_index_text(vm, *object, key));
  return throw_operand_error(vm, object, "index");
}

int throw_readonly_error(Vm& vm, const Value* object, const Value& key) {
  if (vm.dialect == Dialect::Luau) return throw_here(vm, "attempt to modify a readonly table");
  std::string place = describe_operand(vm, object);  // " (global 'string')", or nothing
  if (key.is_string()) {
    const std::string field = "field '" + std::string(key.string()->view()) + "'";
    place = place.empty() ? " (" + field + ")" : " (" + field + " of " + place.substr(2);
  }
  return throw_here(vm, "attempt to modify a readonly table" + place);
}

int throw_arithmetic_error(Vm& vm, const Value* a, const Value* b, Event event) {
  if (vm.dialect == Dialect::Luau) return throw_here(vm, luau_arithmetic_text(vm, *a, *b, event));
  const bool bitwise = (event >= Event::BAnd && event <= Event::Shr) || event == Event::BNot;
  if (bitwise && a->is_number() && b->is_number()) {
    std::int64_t integer;
    const Value* culprit = number_to_integer(*a, integer) ? b : a;
    return throw_here(vm,
                      "number" + describe_operand(vm, culprit) + " has no integer representation");
  }
  const Value* culprit = a->is_number() ? b : a;
  return throw_operand_error(vm, culprit,
                             bitwise ? "perform bitwise operation on" : "perform arithmetic on");
}

int throw_concat_error(Vm& vm, const Value* a, const Value* b) {
  if (vm.dialect == Dialect::Luau) {
    return throw_here(
        vm, "attempt to concatenate " + luau_type_name(vm, *a) + " with " + luau_type_name(vm, *b));
  }
  const bool first_is_fine = a->is_string() || a->is_number();
  return throw_operand_error(vm, first_is_fine ? b : a, "concatenate");
}

int throw_compare_error(Vm& vm, const Value& a, const Value& b) {
  // There the library sorts by `<`, in the language of Lua 5.4.
  if (vm.dialect == Dialect::Luau) return throw_luau_order_error(vm, a, b, "<");
  const std::string left(type_name(vm, a));
  const std::string right(type_name(vm, b));
  if (left == right) return throw_here(vm, "attempt to compare two " + left + " values");
  return throw_here(vm, "attempt to compare " + left + " with " + right);
}

int throw_for_error(Vm& vm, const Value& value, std::string_view what) {
  const bool is_luau = vm.dialect == Dialect::Luau;
  std::string message = (is_luau ? "invalid 'for' " : "bad 'for' ") + std::string(what);
  if (what == "initial") message += " value";
  return throw_here(vm,
                    message + " (number expected, got " + std::string(type_name(vm, value)) + ")");
}

int throw_close_error(Vm& vm, std::uint32_t slot_number) {
  Thread& thread = *vm.thread();
  const Proto& proto = *heap::frame_closure(thread.base)->proto;
  const std::uint32_t base_number = thread.number(thread.base);
  std::string_view name = "?";
  if (slot_number >= base_number) {
    const std::string_view found =
        local_name(proto, static_cast<int>(slot_number - base_number) + 1,
                   static_cast<std::uint32_t>(thread.pc - proto.code));
    if (!found.empty()) name = found;
  }
  return throw_here(vm, "variable '" + std::string(name) + "' got a non-closable value");
}

void warn_of_finalizer(Vm& vm, const Value& error) {
  if (!vm.warnings_on) return;
  std::string text = "error in __gc";
  text += " (";
  text += error.is_string() ? std::string(error.string()->view()) : "error object is not a string";
  text += ")";
  vm.host->warn(text, false);
}

}  // namespace moonlet::vm
