// debug.getinfo
#include <string>

#include "bytecode/operands.hpp"
#include "heap/table.hpp"
#include "stdlib/debug_functions.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms
using heap::SetResult;

namespace {

constexpr std::string_view kAllOptions = "SlnrutLf";
constexpr std::string_view kDefaultOptions = "flnSrtu";

// Fills the table of results. Each step is one option; memory that lacks shows in `ok` at the end.
class InfoTable {
 public:
  // `level` is null for a function that was given as such.
  InfoTable(Vm& vm, Table& table, const Value& function, const Level* level)
      : vm_(vm), table_(table), function_(function), level_(level) {}

  bool fill(std::string_view options) {
    const auto has = [options](char option) {
      return options.find(option) != std::string_view::npos;
    };
    if (has('S')) add_source();
    if (has('l')) set("currentline", level_ != nullptr ? current_line(*level_) : -1);
    if (has('u')) add_upvalues();
    if (has('n')) add_name();
    if (has('r')) add_transfer();
    if (has('t')) set("istailcall", Value::boolean(level_ != nullptr && level_->is_tail_called));
    if (has('L')) add_active_lines();
    if (has('f')) set("func", visible_function(vm_, function_));
    return ok_;
  }

 private:
  bool is_native() const { return looks_native(function_); }
  const Proto& proto() const { return *function_.closure()->proto; }

  void set(std::string_view name, const Value& value) {
    ok_ = ok_ && heap::set_field(vm_.heap, table_, name, value);
  }
  void set(std::string_view name, std::int64_t value) { set(name, Value::from(value)); }
  void set(std::string_view name, std::string_view value) {
    String* string = vm_.heap.new_string(value);
    if (string == nullptr) {
      ok_ = false;
    } else {
      set(name, Value::from(string));
    }
  }

  void add_source() {
    if (is_native()) {
      set("source", "=[C]");
      set("short_src", "[C]");
      set("linedefined", -1);
      set("lastlinedefined", -1);
      set("what", "C");
      return;
    }
    set("source", proto().source != nullptr ? proto().source->view() : "=?");
    set("short_src", short_source(proto()));
    set("linedefined", proto().line_defined);
    set("lastlinedefined", proto().last_line_defined);
    set("what", proto().line_defined == 0 ? "main" : "Lua");
  }

  void add_upvalues() {
    set("nups", function_.is_closure() ? proto().upvalue_count : 0);
    set("nparams", is_native() ? 0 : proto().parameter_count);
    set("isvararg", Value::boolean(is_native() || proto().arity == heap::kVarargArity));
  }

  void add_name() {
    FunctionName name;
    if (level_ != nullptr) name = called_name(vm_, *level_);
    if (!name.kind.empty()) set("name", name.name);
    set("namewhat", name.kind);
  }

  void add_transfer() {
    TransferredValues values;
    if (level_ != nullptr) values = transferred_values(*level_);
    set("ftransfer", values.first);
    set("ntransfer", values.count);
  }

  void add_active_lines() {
    if (is_native()) return;
    Table* lines = vm_.heap.new_table();
    if (lines == nullptr) {
      ok_ = false;
      return;
    }
    const Proto& p = proto();
    charge(vm_, p.code_size);
    const std::span<const std::uint32_t> code(p.code, p.code_size);
    for (std::size_t at = 0; ok_ && p.lines != nullptr && at < code.size();
         at = bytecode::next_start(code, at)) {
      ok_ = heap::table_set_integer(vm_.heap, *lines, p.lines[at], Value::boolean(true)) ==
            SetResult::Ok;
    }
    set("activelines", Value::from(lines));
  }

  Vm& vm_;
  Table& table_;
  const Value function_;
  const Level* level_;
  bool ok_ = true;
};

}  // namespace

int debug_getinfo(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  std::string_view options = kDefaultOptions;
  if (!is_none_or_nil(args, count, first + 1)) {
    String* text;
    if (!arg_string(vm, args, count, first + 1, text)) return vm.failure;
    options = text->view();
  }
  if (options.substr(0, 1) == ">") return throw_arg_error(vm, first + 1, "invalid option '>'");
  Level level;
  const bool is_function = first < count && args[first].is_function();
  if (!is_function) {
    std::int64_t number;
    if (!arg_integer(vm, args, count, first, number)) return vm.failure;
    const Walked walked = find_debug_level(vm, *thread, number, level);
    if (walked == Walked::Again) return kNoMemory;
    if (walked == Walked::None) return return_one(args, Value::nil());
  }
  if (options.find_first_not_of(kAllOptions) != std::string_view::npos) {
    return throw_arg_error(vm, first + 1, "invalid option");
  }
  Table* table = vm.heap.new_table();
  if (table == nullptr) return kNoMemory;
  InfoTable info(vm, *table, is_function ? args[first] : level.function(),
                 is_function ? nullptr : &level);
  if (!info.fill(options)) return kNoMemory;
  return return_one(args, Value::from(table));
}

}  // namespace moonlet::stdlib
