// debug, of Luau: what a level or a function is, and tracebacks.
#include <string>

#include "stdlib/debug_functions.hpp"
#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"
#include "vm/debug.hpp"

namespace moonlet::stdlib::luau {

using namespace vm;  // NOLINT: a library file is written in the Vm's terms

namespace {

// What a traceback goes through at most: as long as a piece of work may be.
constexpr int kLevelsShown = 400;

// The prelude function that starts a script is no level of it.
bool is_of_host(const Level& level) {
  const Value function = level.function();
  if (!function.is_closure() || function.closure()->proto->debug_name == nullptr) return false;
  return function.closure()->proto->debug_name->view() == "intrinsic.standalone";
}

struct Subject {
  Value function;
  int line = -1;
};

// The name in its definition; of the library's, the one that scripts know.
std::string_view name_of(Vm& vm, const Value& function) {
  std::string_view name;
  if (function.is_builtin()) {
    name = vm.builtins.rows[function.builtin()].name;
  } else {
    const Proto& proto = *function.closure()->proto;
    const String* own = looks_native(function) ? proto.debug_name : proto.name;
    if (own == nullptr || (!looks_native(function) && proto.line_defined == 0)) return {};
    name = own->view();
    // One that no function statement has defined (frontend/function_names.hpp).
    if (name.starts_with('(')) return {};
  }
  const std::size_t end = name.find_last_of(".:");
  return end == std::string_view::npos ? name : name.substr(end + 1);
}

std::string source_of(const Value& function) {
  return looks_native(function) ? "[C]" : short_source(*function.closure()->proto);
}

// The results for each letter of the options; false: the error is set.
bool add_info(Vm& vm, char option, const Subject& subject, int option_index, Value*& to) {
  const bool is_native = looks_native(subject.function);
  const auto add_text = [&](std::string_view text) {
    String* string = vm.heap.new_string(text);
    if (string == nullptr) {
      vm.failure = kNoMemory;
      return false;
    }
    *to++ = Value::from(string);
    return true;
  };
  switch (option) {
    case 's':
      return add_text(source_of(subject.function));
    case 'l':
      *to++ = Value::from(static_cast<double>(subject.line));
      return true;
    case 'n':
      return add_text(name_of(vm, subject.function));
    case 'f':
      *to++ = visible_function(vm, subject.function);
      return true;
    case 'a': {
      const Proto* proto = is_native ? nullptr : subject.function.closure()->proto;
      *to++ = Value::from(proto == nullptr ? 0.0 : double{1} * proto->parameter_count);
      *to++ = Value::boolean(proto == nullptr || proto->arity == heap::kVarargArity);
      return true;
    }
    default:
      throw_arg_error(vm, option_index, "invalid option");
      return false;
  }
}

// ([thread,] level or function, options)
int debug_info(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  Subject subject;
  Value number;
  bool is_level = false;
  if (first < count && to_number(args[first], number)) {
    int level_number;
    if (!arg_int(vm, args, count, first, level_number)) return vm.failure;
    if (level_number < 0) return throw_arg_error(vm, first, "level can't be negative");
    String* options;
    if (!arg_string(vm, args, count, first + 1, options)) return vm.failure;
    Level level;
    const Walked walked = find_debug_level(vm, *thread, level_number, level);
    if (walked == Walked::Again) return kNoMemory;
    if (walked == Walked::None) return 0;
    if (is_of_host(level)) return 0;
    subject.function = level.function();
    subject.line = current_line(level);
    is_level = true;
  } else if (first == 0 && count > 0 && args[0].is_function()) {
    subject.function = args[0];
  } else {
    return throw_arg_error(vm, first, "function or level expected");
  }
  String* options;
  if (!arg_string(vm, args, count, first + 1, options)) return vm.failure;
  if (!is_level && !looks_native(subject.function)) {
    subject.line = static_cast<int>(subject.function.closure()->proto->line_defined);
  }
  // As many as there are letters, and each but once.
  Value results[8];
  Value* to = results;
  unsigned seen = 0;
  for (const char option : options->view()) {
    const unsigned bit = option >= 'a' && option <= 'z' ? 1u << (option - 'a') : 0;
    if ((seen & bit) != 0) return throw_arg_error(vm, first + 1, "duplicate option");
    seen |= bit;
    if (!add_info(vm, option, subject, first + 1, to)) return vm.failure;
  }
  const auto made = static_cast<int>(to - results);
  std::copy(results, to, args - 1);
  return made;
}

// ([thread,] [message [, level]])
int debug_traceback(Vm& vm, Value* args, int count) {
  const auto [thread, first] = debug_target(vm, args, count);
  std::string text;
  String* message;
  if (!is_none_or_nil(args, count, first)) {
    if (!arg_string(vm, args, count, first, message)) return vm.failure;
    text = std::string(message->view()) + "\n";
  }
  int number;
  if (!opt_int(vm, args, count, first + 1, thread == vm.thread() ? 1 : 0, number)) {
    return vm.failure;
  }
  if (number < 0) return throw_arg_error(vm, first + 1, "level can't be negative");
  Level level;
  const Walked walked = find_debug_level(vm, *thread, number, level);
  if (walked == Walked::Again) return kNoMemory;
  bool is_there = walked == Walked::Found;
  for (int shown = 0; is_there && shown < kLevelsShown; ++shown) {
    const Value function = level.function();
    if (!looks_native(function)) {
      text += source_of(function);
      if (const int line = current_line(level); line > 0) text += ":" + std::to_string(line);
      const std::string_view name = name_of(vm, function);
      if (!name.empty()) text += " function " + std::string(name);
      text += '\n';
    }
    is_there = next_level(vm, level);
  }
  charge(vm, text.size() / 4);
  return return_string(vm, args, text);
}

}  // namespace

std::span<const BuiltinRow> debug_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"luau:debug.info", debug_info},
      {"luau:debug.traceback", debug_traceback},
  };
  return kRows;
}

}  // namespace moonlet::stdlib::luau
