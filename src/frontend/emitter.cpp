#include "frontend/emitter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.hpp"
#include "frontend/limits.hpp"

namespace moonlet::frontend {

using bytecode::Instruction;
using bytecode::Opcode;

namespace {

constexpr std::size_t kFirstNumberSlots = 64;

std::uint64_t hash_number(std::uint64_t bits, std::uint32_t owner) {
  const std::uint64_t hash = (bits ^ (bits >> 32) ^ owner) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 32);
}

// A buffer of this many words is a list of its own instead of being copied.
constexpr std::size_t kLargeFunction = 16 * 1024;

template <typename T>
bytecode::List<T> copy_of(std::span<const T> buffer, bytecode::ChunkMemory& memory) {
  const std::span<T> copy = memory.take<T>(buffer.size());
  std::ranges::copy(buffer, copy.begin());
  return bytecode::List<T>::lying_at(copy);
}

template <typename T>
bytecode::List<T> take_first(bytecode::List<T>& buffer, std::size_t count,
                             bytecode::ChunkMemory& memory) {
  if (count < kLargeFunction) return copy_of(std::span<const T>(buffer.data(), count), memory);
  buffer.resize_for_overwrite(count);
  return std::move(buffer);
}

template <typename T>
bytecode::List<T> take_copy(std::vector<T>& buffer, bytecode::ChunkMemory& memory) {
  bytecode::List<T> copy = copy_of(std::span<const T>(buffer), memory);
  buffer.clear();
  return copy;
}

}  // namespace

Emitter::Emitter() : numbers_(kFirstNumberSlots) {}

void Emitter::begin(std::uint32_t function_index) {
  owner_ = function_index + 1;
  strings_.begin_function(function_index);
  has_failed_ = false;
  std::ranges::fill(simple_constants_, -1);
  free_ = 0;
  max_stack_ = 2;
  last_target_ = 0;
  previous_ = -1;
}

void Emitter::finish(bytecode::Function& function, bytecode::ChunkMemory& memory) {
  for (const int at : closes_) heights_[index(at)] = static_cast<std::uint8_t>(max_stack_);
  closes_.clear();
  strings_.end_function();
  const std::size_t count = index(count_);
  function.code = take_first(code_, count, memory);
  function.lines = take_first(lines_, count, memory);
  function.heights = take_first(heights_, count, memory);
  capacity_ = static_cast<int>(code_.size());
  function.constants = take_copy(constants_, memory);
  function.locals = take_copy(locals_, memory);
  function.max_stack = static_cast<std::uint8_t>(max_stack_);
  count_ = 0;
}

void Emitter::fail(std::string_view message, SourcePoint point) {
  if (!has_failed_) {
    has_failed_ = true;
    error_ = message;
    error_point_ = point;
  }
}

// ------------------------------------------------------------------------------ instructions

ML_COLD void Emitter::grow() {
  capacity_ = capacity_ * 2 + 256;
  code_.resize_for_overwrite(index(capacity_));
  lines_.resize_for_overwrite(index(capacity_));
  heights_.resize_for_overwrite(index(capacity_));
}

int Emitter::emit_abc(Opcode op, int a, int b, int c, std::int32_t line) {
  return emit(bytecode::make_abc(op, static_cast<unsigned>(a), static_cast<unsigned>(b),
                                 static_cast<unsigned>(c)),
              line);
}

int Emitter::emit_abx(Opcode op, int a, int bx, std::int32_t line) {
  return emit(bytecode::make_abx(op, static_cast<unsigned>(a), static_cast<unsigned>(bx)), line);
}

int Emitter::emit_with_aux(Opcode op, int a, int b, std::uint32_t aux, std::int32_t line) {
  const int at = emit_abc(op, a, b, 0, line);
  emit(aux, line, 0);
  previous_ = at;
  return at;
}

void Emitter::emit_close(int level, std::int32_t line) {
  closes_.push_back(emit_abc(Opcode::Close, level, 0, 0, line));
}

void Emitter::set_c(int at, int c) {
  Instruction& word = code_[index(at)];
  word = (word & 0x00ffffff) | static_cast<std::uint32_t>(c) << 24;
}

// Extends a LoadNil just before, when no jump leads between the two.
void Emitter::emit_nil(int from, int count, std::int32_t line) {
  const bool has_previous = previous_ == position() - 1 && position() > last_target_;
  if (has_previous && bytecode::opcode(code_[index(previous_)]) == Opcode::LoadNil) {
    Instruction& previous = code_[index(previous_)];
    const int first = static_cast<int>(bytecode::op_a(previous));
    const int end = first + static_cast<int>(bytecode::op_b(previous)) + 1;
    if (from >= first && from <= end) {
      const int new_end = std::max(end, from + count);
      previous = bytecode::make_abc(Opcode::LoadNil, static_cast<unsigned>(first),
                                    static_cast<unsigned>(new_end - first - 1), 0);
      return;
    }
  }
  emit_abc(Opcode::LoadNil, from, count - 1, 0, line);
}

void Emitter::emit_integer(int reg, std::int64_t value, std::int32_t line) {
  if (value >= bytecode::kMinSBx && value <= bytecode::kMaxSBx) {
    emit(bytecode::make_asbx(Opcode::LoadI, static_cast<unsigned>(reg), static_cast<int>(value)),
         line);
  } else {
    emit_constant(reg, integer_constant(value), line);
  }
}

void Emitter::emit_float(int reg, double value, std::int32_t line) {
  const bool is_small = value >= bytecode::kMinSBx && value <= bytecode::kMaxSBx &&
                        std::floor(value) == value && !(value == 0 && std::signbit(value));
  if (is_small) {
    emit(bytecode::make_asbx(Opcode::LoadF, static_cast<unsigned>(reg), static_cast<int>(value)),
         line);
  } else {
    emit_constant(reg, float_constant(value), line);
  }
}

void Emitter::emit_constant(int reg, int constant, std::int32_t line) {
  if (constant <= bytecode::kMaxBx) {
    emit_abx(Opcode::LoadK, reg, constant, line);
  } else {
    emit_with_aux(Opcode::LoadKX, reg, 0, static_cast<std::uint32_t>(constant), line);
  }
}

// ------------------------------------------------------------------------------------- jumps

void Emitter::emit_jump(JumpList& list, std::int32_t line, int height) {
  const int at = emit(bytecode::make_j(0), line, height);
  if (!list.is_empty()) {
    set_jump(at, at - list.last);
  }
  list.last = at;
}

void Emitter::emit_jump_back(int target, std::int32_t line) {
  const int at = emit(bytecode::make_j(0), line);
  set_jump(at, target - (at + 1));
}

void Emitter::patch(JumpList list, int target) {
  for (int at = list.last; at >= 0;) {
    const int back = bytecode::op_sj(code_[index(at)]);
    set_jump(at, target - (at + 1));
    at = back == 0 ? -1 : at - back;
  }
}

void Emitter::patch_here(JumpList list) {
  if (!list.is_empty()) {
    patch(list, mark_target());
  }
}

void Emitter::set_jump(int at, int offset) {
  if (offset < bytecode::kMinSJ || offset > bytecode::kMaxSJ) {
    fail("control structure too long", {lines_[index(at)], 0});
    offset = 0;
  }
  code_[index(at)] = bytecode::make_j(offset);
}

bool Emitter::set_loop_distance(int at, int target) {
  const int distance = target > at ? target - (at + 1) : at + 1 - target;
  if (distance > bytecode::kMaxBx) {
    return false;
  }
  Instruction& word = code_[index(at)];
  word = (word & 0xffff) | static_cast<std::uint32_t>(distance) << 16;
  return true;
}

// --------------------------------------------------------------------------------- constants

int Emitter::add_constant(const bytecode::Constant& constant) {
  constants_.push_back(constant);
  return static_cast<int>(constants_.size()) - 1;
}

int Emitter::simple_constant(bytecode::Constant::Kind kind) {
  static_assert(static_cast<int>(bytecode::Constant::Kind::True) == 2);
  int& constant = simple_constants_[static_cast<int>(kind)];
  if (constant < 0) {
    constant = add_constant({.kind = kind, .integer = 0});
  }
  return constant;
}

int Emitter::boolean_constant(bool value) {
  return simple_constant(value ? bytecode::Constant::Kind::True : bytecode::Constant::Kind::False);
}

int Emitter::integer_constant(std::int64_t value) {
  return number_constant(static_cast<std::uint64_t>(value), false,
                         {.kind = bytecode::Constant::Kind::Integer, .integer = value});
}

// Compared by bits, so that both zeros have their own constant.
int Emitter::float_constant(double value) {
  ML_ASSERT(!std::isnan(value));
  return number_constant(std::bit_cast<std::uint64_t>(value), true,
                         {.kind = bytecode::Constant::Kind::Float, .number = value});
}

int Emitter::number_constant(std::uint64_t bits, bool is_float,
                             const bytecode::Constant& constant) {
  const std::size_t mask = numbers_.size() - 1;
  std::size_t i = hash_number(bits, owner_) & mask;
  for (; numbers_[i].owner != 0; i = (i + 1) & mask) {
    const NumberSlot& slot = numbers_[i];
    if (slot.owner == owner_ && slot.bits == bits && slot.is_float == is_float) {
      return static_cast<int>(slot.constant);
    }
  }
  const int result = add_constant(constant);
  numbers_[i] = {bits, owner_, static_cast<std::uint32_t>(result), is_float};
  if (++number_count_ * 2 > numbers_.size()) {
    grow_numbers();
  }
  return result;
}

// Numbers of finished functions are dropped; only those of the current one move.
void Emitter::grow_numbers() {
  std::vector<NumberSlot> old = std::move(numbers_);
  number_count_ = 0;
  std::size_t live = 0;
  for (const NumberSlot& slot : old) {
    live += slot.owner == owner_ ? 1 : 0;
  }
  numbers_ = std::vector<NumberSlot>(live * 4 > old.size() ? old.size() * 2 : old.size());
  for (const NumberSlot& slot : old) {
    if (slot.owner != owner_) {
      continue;
    }
    ++number_count_;
    std::size_t i = hash_number(slot.bits, owner_) & (numbers_.size() - 1);
    while (numbers_[i].owner != 0) {
      i = (i + 1) & (numbers_.size() - 1);
    }
    numbers_[i] = slot;
  }
}

int Emitter::string_constant(Name* name) {
  if (name->constant_owner != owner_) {
    name->constant_owner = owner_;
    name->constant_index = static_cast<std::uint32_t>(
        add_constant({.kind = bytecode::Constant::Kind::String, .string = strings_.use(name)}));
  }
  return static_cast<int>(name->constant_index);
}

// Only the library's own sources have these, few enough to search.
int Emitter::builtin_constant(Name* name) {
  const std::uint32_t string = strings_.use(name);
  for (std::size_t i = 0; i < constants_.size(); ++i) {
    if (constants_[i].kind == bytecode::Constant::Kind::Builtin && constants_[i].string == string) {
      return static_cast<int>(i);
    }
  }
  return add_constant({.kind = bytecode::Constant::Kind::Builtin, .string = string});
}

// -------------------------------------------------------------------------------- debug data

std::uint32_t Emitter::begin_variable(Name* name) {
  const auto start = static_cast<std::uint32_t>(position());
  locals_.push_back({strings_.use(name), start, start});
  return static_cast<std::uint32_t>(locals_.size()) - 1;
}

void Emitter::end_variable(std::uint32_t variable) {
  locals_[variable].end_pc = static_cast<std::uint32_t>(position());
}

}  // namespace moonlet::frontend
