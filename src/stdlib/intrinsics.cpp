// What prelude functions use besides ordinary builtins: argument checks and errors in the name of
// the library function they belong to. Positions count from 1 here, as scripts do.
#include <cmath>

#include "base/sha256.hpp"
#include "stdlib/library.hpp"
#include "vm/debug.hpp"

namespace moonlet::stdlib {

using namespace vm;  // NOLINT

namespace {

int position(const Value* args, int count, int index) {
  std::int64_t number;
  return index < count && number_to_integer(args[index], number) ? static_cast<int>(number) - 1 : 0;
}

std::string_view text(const Value& value) {
  return value.is_string() ? value.string()->view() : std::string_view{};
}

// Reports a wrong type of `value` as argument number `index` (from 0).
int wrong_type(Vm& vm, const Value& value, bool is_absent, int index, std::string_view expected) {
  const std::string actual = is_absent ? "" : actual_type_name(vm, &value, 1, 0);
  return throw_error(vm, type_error_text(vm, index, expected, actual));
}

int arg_error(Vm& vm, Value* args, int count) {
  return throw_arg_error(vm, position(args, count, 0), text(args[1]));
}

// (index, expected, value): a missing third argument means "no value".
int type_error(Vm& vm, Value* args, int count) {
  const Value value = count > 2 ? args[2] : Value::nil();
  return wrong_type(vm, value, count <= 2, position(args, count, 0), text(args[1]));
}

int error(Vm& vm, Value* args, int) { return throw_error(vm, text(args[0])); }

int check_integer(Vm& vm, Value* args, int count) {
  std::int64_t integer;
  if (args[0].is_integer()) return return_one(args, args[0]);
  if (to_integer(args[0], integer)) return return_one(args, Value::from(integer));
  Value number;
  const int index = position(args, count, 1);
  if (to_number(args[0], number)) {
    return throw_arg_error(vm, index, "number has no integer representation");
  }
  return wrong_type(vm, args[0], false, index, "number");
}

// (value, index, default)
int opt_integer_intrinsic(Vm& vm, Value* args, int count) {
  if (args[0].is_nil()) return return_one(args, args[2]);
  return check_integer(vm, args, count);
}

int check_string(Vm& vm, Value* args, int count) {
  if (args[0].is_string()) return return_one(args, args[0]);
  if (args[0].is_number()) return return_string(vm, args, basic_text(vm, args[0]));
  return wrong_type(vm, args[0], false, position(args, count, 1), "string");
}

int check_table(Vm& vm, Value* args, int count) {
  if (args[0].is_table()) return return_one(args, args[0]);
  return wrong_type(vm, args[0], false, position(args, count, 1), "table");
}

int check_function(Vm& vm, Value* args, int count) {
  if (args[0].is_function()) return return_one(args, args[0]);
  return wrong_type(vm, args[0], false, position(args, count, 1), "function");
}

// A number as scripts of the dialect have it: Luau's are floats.
int own_number(Vm& vm, Value* args, int) {
  if (vm.dialect == Dialect::Luau && args[0].is_integer()) {
    return return_one(args, Value::from(static_cast<double>(args[0].integer)));
  }
  return return_one(args, args[0]);
}

// The other way: where all numbers are floats, those that are whole and exact become integers.
int whole(Vm& vm, Value* args, int) {
  if (vm.dialect == Dialect::Luau && args[0].is_float()) {
    const double number = args[0].number;
    if (std::fabs(number) <= 0x1p53 && std::floor(number) == number) {
      return return_one(args, Value::from(static_cast<std::int64_t>(number)));
    }
  }
  return return_one(args, args[0]);
}

// (state, text, at, last): mixes some of the blocks of 64 bytes of text[at .. last] into the state,
// 32 bytes or none yet. The new state, and where to go on.
int sha256_mix(Vm& vm, Value* args, int count) {
  constexpr std::int64_t kBlocksAtOnce = 8;
  constexpr std::uint64_t kUnitsOfBlock = 128;
  constexpr std::int64_t kBytes = base::Sha256Mixer::kBlockBytes;
  const std::string_view state = text(args[0]);
  const std::string_view bytes = text(args[1]);
  if (count < 4 || !args[2].is_integer() || !args[3].is_integer() ||
      (!state.empty() && state.size() != sizeof(base::Sha256)) || args[2].integer < 1 ||
      args[3].integer > static_cast<std::int64_t>(bytes.size())) {
    return throw_value_text(vm, "a hash was tampered with");
  }
  base::Sha256Mixer mixer;
  if (!state.empty()) {
    mixer = base::Sha256Mixer(reinterpret_cast<const std::uint8_t*>(state.data()));
  }
  std::int64_t at = args[2].integer;
  for (std::int64_t n = 0; n < kBlocksAtOnce && args[3].integer - at >= kBytes - 1; ++n) {
    mixer.block(bytes.data() + at - 1);
    at += kBytes;
  }
  const base::Sha256 mixed = mixer.state();
  String* result = vm.heap.new_string({reinterpret_cast<const char*>(mixed.data()), mixed.size()});
  if (result == nullptr) return kNoMemory;
  charge(vm, static_cast<std::uint64_t>((at - args[2].integer) / kBytes) * kUnitsOfBlock);
  return return_two(args, Value::from(result), Value::from(at));
}

}  // namespace

std::span<const BuiltinRow> intrinsic_rows() {
  static constexpr BuiltinRow kRows[] = {
      {"intrinsic.arg_error", arg_error},
      {"intrinsic.type_error", type_error},
      {"intrinsic.error", error},
      {"intrinsic.check_integer", check_integer},
      {"intrinsic.opt_integer", opt_integer_intrinsic},
      {"intrinsic.check_string", check_string},
      {"intrinsic.check_table", check_table},
      {"intrinsic.check_function", check_function},
      {"intrinsic.own_number", own_number},
      {"intrinsic.whole", whole},
      {"intrinsic.sha256_mix", sha256_mix},
  };
  return kRows;
}

}  // namespace moonlet::stdlib
