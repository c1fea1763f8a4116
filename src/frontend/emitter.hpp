// The instructions of one function while they are being made, with what belongs to each: its line
// and its height, the number of registers in use before it. One emitter serves all functions of a
// chunk in turn, so that its buffers are allocated once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "bytecode/chunk.hpp"
#include "frontend/ast.hpp"
#include "frontend/chunk_strings.hpp"
#include "frontend/jump_list.hpp"
#include "frontend/limits.hpp"

namespace moonlet::frontend {

class Emitter {
 public:
  using Opcode = bytecode::Opcode;

  Emitter();

  void begin(std::uint32_t function_index);
  // Moves everything that was emitted into `function`, whose lists lie in `memory`.
  void finish(bytecode::Function& function, bytecode::ChunkMemory& memory);

  // The function's first error; the caller goes on, and looks here when it is convenient.
  bool has_failed() const { return has_failed_; }
  const std::string& error() const { return error_; }
  SourcePoint error_point() const { return error_point_; }

  // Registers are a stack. `free` is the first one that holds nothing.
  int free() const { return free_; }
  void reserve(int count) {
    ML_ASSERT(has_failed_ || free_ + count <= max_stack_);
    free_ += count;
  }
  void release_to(int reg) { free_ = reg; }
  // Makes room above the registers in use without using it; false when there are not as many.
  bool ensure_room(int count) {
    const int needed = free_ + count;
    if (needed > kMaxRegisters) [[unlikely]] {
      return false;
    }
    max_stack_ = std::max(max_stack_, needed);
    return true;
  }

  int position() const { return count_; }
  // The current position as the target of a jump.
  int mark_target() { return last_target_ = position(); }

  int emit(bytecode::Instruction instruction, std::int32_t line) {
    return emit(instruction, line, free_);
  }
  int emit(bytecode::Instruction instruction, std::int32_t line, int height) {
    if (count_ == capacity_) [[unlikely]] {
      grow();
    }
    previous_ = count_++;
    const std::size_t at = index(previous_);
    code_[at] = instruction;
    lines_[at] = line;
    heights_[at] = static_cast<std::uint8_t>(height);
    return previous_;
  }
  int emit_abc(Opcode op, int a, int b, int c, std::int32_t line);
  int emit_abx(Opcode op, int a, int bx, std::int32_t line);
  int emit_with_aux(Opcode op, int a, int b, std::uint32_t aux, std::int32_t line);
  void set_aux(int position, std::uint32_t aux) { code_[index(position) + 1] = aux; }
  void set_c(int position, int c);
  void emit_close(int level, std::int32_t line);

  void emit_nil(int from, int count, std::int32_t line);
  void emit_integer(int reg, std::int64_t value, std::int32_t line);
  void emit_float(int reg, double value, std::int32_t line);
  void emit_constant(int reg, int constant, std::int32_t line);

  // Jumps. A list is patched once.
  void emit_jump(JumpList& list, std::int32_t line, int height);
  void emit_jump(JumpList& list, std::int32_t line) { emit_jump(list, line, free_); }
  void emit_jump_back(int target, std::int32_t line);
  void patch(JumpList list, int target);
  void patch_here(JumpList list);
  // Fills in how far the instruction at `position` jumps, forward or back, to `target`; false when
  // that is too far.
  [[nodiscard]] bool set_loop_distance(int position, int target);

  int nil_constant() { return simple_constant(bytecode::Constant::Kind::Nil); }
  int boolean_constant(bool value);
  int integer_constant(std::int64_t value);
  int float_constant(double value);
  int string_constant(Name* name);
  int builtin_constant(Name* name);

  ChunkStrings& strings() { return strings_; }
  // Debug data: returns a number to end the variable with.
  std::uint32_t begin_variable(Name* name);
  void end_variable(std::uint32_t variable);

  void fail(std::string_view message, SourcePoint point);

 private:
  // Where a number is among the constants of the function that `owner` numbers.
  struct NumberSlot {
    std::uint64_t bits = 0;
    std::uint32_t owner = 0;
    std::uint32_t constant = 0;
    bool is_float = false;
  };

  static std::size_t index(int position) { return static_cast<std::size_t>(position); }
  void grow();
  int simple_constant(bytecode::Constant::Kind kind);
  int number_constant(std::uint64_t bits, bool is_float, const bytecode::Constant& constant);
  void grow_numbers();
  int add_constant(const bytecode::Constant& constant);
  void set_jump(int position, int offset);

  ChunkStrings strings_;
  // Of each word, in lists of `capacity_`, of which `count_` are in use.
  bytecode::List<std::uint32_t> code_;
  bytecode::List<std::int32_t> lines_;
  bytecode::List<std::uint8_t> heights_;
  int count_ = 0;
  int capacity_ = 0;
  std::vector<int> closes_;  // positions of Close
  std::vector<bytecode::Constant> constants_;
  std::vector<bytecode::LocalVariable> locals_;
  std::vector<NumberSlot> numbers_;
  std::size_t number_count_ = 0;  // slots taken, by any owner
  int simple_constants_[3];       // nil, false, true
  std::uint32_t owner_ = 0;       // 1 + index of the function
  int free_ = 0;
  int max_stack_ = 0;
  int last_target_ = 0;
  int previous_ = -1;  // position of the last instruction, not of its aux word
  bool has_failed_ = false;
  std::string error_;
  SourcePoint error_point_;
};

}  // namespace moonlet::frontend
