// bit32: operations on numbers of 32 bits.
#include <bit>

#include "stdlib/luau/arguments.hpp"
#include "stdlib/luau/rows.hpp"

namespace moonlet::stdlib::luau {

using vm::BuiltinRow;

namespace {

constexpr int kBits = 32;

// All arguments, joined by an operation that `start` does not change.
template <typename Join>
bool fold(Vm& vm, Value* args, int count, std::uint32_t& result, Join join) {
  for (int n = 0; n < count; ++n) {
    std::uint32_t number;
    if (!arg_unsigned(vm, args, count, n, number)) return false;
    result = join(result, number);
  }
  vm::charge(vm, static_cast<std::uint64_t>(count) / 4);
  return true;
}

constexpr auto kAnd = [](std::uint32_t a, std::uint32_t b) { return a & b; };
constexpr auto kOr = [](std::uint32_t a, std::uint32_t b) { return a | b; };
constexpr auto kXor = [](std::uint32_t a, std::uint32_t b) { return a ^ b; };

template <auto join, std::uint32_t kStart>
int folded(Vm& vm, Value* args, int count) {
  std::uint32_t result = kStart;
  if (!fold(vm, args, count, result, join)) return vm.failure;
  return return_number(args, result);
}

template <auto join>
int fast_folded(Vm&, Value* slot, unsigned operands) {
  if (operands != 3 || !slot[1].is_float() || !slot[2].is_float()) return vm::kNotFast;
  return return_number(slot + 1, join(to_unsigned(slot[1].number), to_unsigned(slot[2].number)));
}

int bit32_btest(Vm& vm, Value* args, int count) {
  std::uint32_t result = UINT32_MAX;
  if (!fold(vm, args, count, result, kAnd)) return vm.failure;
  return vm::return_one(args, Value::boolean(result != 0));
}

template <std::uint32_t function(std::uint32_t)>
int of_one(Vm& vm, Value* args, int count) {
  std::uint32_t number;
  if (!arg_unsigned(vm, args, count, 0, number)) return vm.failure;
  return return_number(args, function(number));
}

std::uint32_t inverted(std::uint32_t n) { return ~n; }
std::uint32_t leading_zeros(std::uint32_t n) {
  return static_cast<std::uint32_t>(std::countl_zero(n));
}
std::uint32_t trailing_zeros(std::uint32_t n) {
  return static_cast<std::uint32_t>(std::countr_zero(n));
}
std::uint32_t swapped(std::uint32_t n) { return std::byteswap(n); }

// ---- Moving bits. Negative distances go the other way.

std::uint32_t left(std::uint32_t n, std::int64_t by) {
  if (by <= -kBits || by >= kBits) return 0;
  return by >= 0 ? n << by : n >> -by;
}
std::uint32_t right(std::uint32_t n, std::int64_t by) { return left(n, -by); }
std::uint32_t right_signed(std::uint32_t n, std::int64_t by) {
  if (by < 0) return left(n, -by);
  const auto distance = static_cast<int>(by >= kBits ? kBits - 1 : by);
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(n) >> distance);
}
std::uint32_t turned_left(std::uint32_t n, std::int64_t by) {
  return std::rotl(n, static_cast<int>(by & (kBits - 1)));
}
std::uint32_t turned_right(std::uint32_t n, std::int64_t by) { return turned_left(n, -by); }

template <std::uint32_t move(std::uint32_t, std::int64_t)>
int moved(Vm& vm, Value* args, int count) {
  std::uint32_t number;
  int distance;
  if (!arg_unsigned(vm, args, count, 0, number) || !arg_int(vm, args, count, 1, distance)) {
    return vm.failure;
  }
  return return_number(args, move(number, distance));
}

template <std::uint32_t move(std::uint32_t, std::int64_t)>
int fast_moved(Vm&, Value* slot, unsigned operands) {
  if (operands != 3 || !slot[1].is_float() || !slot[2].is_float()) return vm::kNotFast;
  return return_number(slot + 1, move(to_unsigned(slot[1].number), to_int(slot[2].number)));
}

// ---- Fields: `width` bits from bit `first` on.

struct Field {
  int first;
  int width;
  std::uint32_t mask() const { return UINT32_MAX >> (kBits - width); }
};

bool arg_field(Vm& vm, Value* args, int count, int index, Field& field) {
  if (!arg_int(vm, args, count, index, field.first) ||
      !opt_int(vm, args, count, index + 1, 1, field.width)) {
    return false;
  }
  if (field.first < 0) {
    vm::throw_arg_error(vm, index, "field cannot be negative");
    return false;
  }
  if (field.width <= 0) {
    vm::throw_arg_error(vm, index + 1, "width must be positive");
    return false;
  }
  if (std::int64_t{field.first} + field.width > kBits) {
    vm::throw_error(vm, "trying to access non-existent bits");
    return false;
  }
  return true;
}

int bit32_extract(Vm& vm, Value* args, int count) {
  std::uint32_t number;
  Field field;
  if (!arg_unsigned(vm, args, count, 0, number) || !arg_field(vm, args, count, 1, field)) {
    return vm.failure;
  }
  return return_number(args, (number >> field.first) & field.mask());
}

int bit32_replace(Vm& vm, Value* args, int count) {
  std::uint32_t number;
  std::uint32_t bits;
  Field field;
  if (!arg_unsigned(vm, args, count, 0, number) || !arg_unsigned(vm, args, count, 1, bits) ||
      !arg_field(vm, args, count, 2, field)) {
    return vm.failure;
  }
  const std::uint32_t mask = field.mask() << field.first;
  return return_number(args, (number & ~mask) | ((bits << field.first) & mask));
}

}  // namespace

std::span<const BuiltinRow> bit32_rows() {
  static constexpr BuiltinRow kRows[] = {
      {.name = "luau:bit32.arshift", .call = moved<right_signed>, .fast = fast_moved<right_signed>},
      {.name = "luau:bit32.band", .call = folded<kAnd, UINT32_MAX>, .fast = fast_folded<kAnd>},
      {"luau:bit32.bnot", of_one<inverted>},
      {.name = "luau:bit32.bor", .call = folded<kOr, 0>, .fast = fast_folded<kOr>},
      {.name = "luau:bit32.bxor", .call = folded<kXor, 0>, .fast = fast_folded<kXor>},
      {"luau:bit32.btest", bit32_btest},
      {"luau:bit32.extract", bit32_extract},
      {.name = "luau:bit32.lrotate", .call = moved<turned_left>, .fast = fast_moved<turned_left>},
      {.name = "luau:bit32.lshift", .call = moved<left>, .fast = fast_moved<left>},
      {"luau:bit32.replace", bit32_replace},
      {.name = "luau:bit32.rrotate", .call = moved<turned_right>, .fast = fast_moved<turned_right>},
      {.name = "luau:bit32.rshift", .call = moved<right>, .fast = fast_moved<right>},
      {"luau:bit32.countlz", of_one<leading_zeros>},
      {"luau:bit32.countrz", of_one<trailing_zeros>},
      {"luau:bit32.byteswap", of_one<swapped>},
  };
  return kRows;
}

}  // namespace moonlet::stdlib::luau
