#include "bytecode/verify_operands.hpp"

#include <cstddef>
#include <string>

#include "bytecode/operands.hpp"

namespace moonlet::bytecode {

namespace {

// Leaves room for the elements of a SetList in 32 bits.
constexpr std::uint32_t kMaxElements = 1u << 30;

using Result = std::expected<void, std::string>;

std::unexpected<std::string> error(std::string what) { return std::unexpected(std::move(what)); }

Result fail_range(std::string_view what, std::uint64_t index, std::size_t limit) {
  return error(std::string(what) + " " + std::to_string(index) + " out of range (" +
               std::to_string(limit) + ")");
}

class OperandVerifier {
 public:
  OperandVerifier(const Function& function, const std::vector<bool>& starts)
      : function_(function), code_(function.code), starts_(starts) {}

  // One instruction, its auxiliary word included.
  Result check(std::size_t pc) const {
    const Instruction i = code_[pc];
    if (Result r = check_registers(i); !r) return r;
    if (Result r = check_indices(i); !r) return r;
    if (Result r = check_aux(i, pc); !r) return r;
    if (Result r = check_special(i, pc); !r) return r;
    return check_targets(i, pc);
  }

 private:
  Result check_registers(Instruction i) const {
    const Effect effect = info(opcode(i)).effect;
    const bool is_generic_for = effect == Effect::TForPrep || effect == Effect::IterPrep ||
                                effect == Effect::TForCall || effect == Effect::TForLoop;
    if (is_generic_for && op_a(i) < 4) return error("generic loop without room for its state");
    int end = 0;
    const auto visit = [&end](RegisterRange range) { end = std::max(end, range.end); };
    for_each_read(i, visit);
    for_each_write(i, visit);
    if (is_register_bound(i)) end = std::max(end, static_cast<int>(op_a(i)));
    if (end > function_.max_stack) return fail_range("register", end - 1, function_.max_stack);
    return {};
  }

  // Is A a register number even if no register is touched there?
  static bool is_register_bound(Instruction i) {
    const Effect effect = info(opcode(i)).effect;
    return effect == Effect::Close || effect == Effect::Vararg || effect == Effect::TForCall ||
           is_counted_return(opcode(i));
  }

  Result check_indices(Instruction i) const {
    const OpcodeInfo& row = info(opcode(i));
    if (row.format == Format::ABx) return check_index(row.b, i, op_bx(i));
    if (row.format != Format::ABC) return {};
    if (Result r = check_index(row.b, i, op_b(i)); !r) return r;
    return check_index(row.c, i, op_c(i));
  }

  Result check_index(Role role, Instruction i, std::size_t index) const {
    switch (role) {
      case Role::K:
        return check_constant(i, index);
      case Role::U:
        if (index >= function_.upvalues.size()) {
          return fail_range("upvalue", index, function_.upvalues.size());
        }
        return {};
      case Role::P:
        if (index >= function_.children.size()) {
          return fail_range("child function", index, function_.children.size());
        }
        return {};
      case Role::F:
        if (index > 1) return error("flag is neither 0 nor 1");
        return {};
      default:
        return {};
    }
  }

  Result check_constant(Instruction i, std::size_t index) const {
    if (index >= function_.constants.size()) {
      return fail_range("constant", index, function_.constants.size());
    }
    const Constant::Kind kind = function_.constants[index].kind;
    const bool is_number = kind == Constant::Kind::Integer || kind == Constant::Kind::Float;
    if (wants_numeric_constant(opcode(i)) && !is_number) {
      return error("constant operand is not a number");
    }
    return {};
  }

  Result check_aux(Instruction i, std::size_t pc) const {
    const AuxKind kind = aux_kind(opcode(i));
    if (kind == AuxKind::None) return {};
    const std::uint32_t aux = code_[pc + 1];
    if (kind == AuxKind::Number) {
      // Counts of elements: even a row of nils takes an instruction for 256 of them.
      if (aux / 256 > code_.size() || aux > kMaxElements) {
        return error("more elements than the code can make");
      }
      return {};
    }
    if (aux >= function_.constants.size()) {
      return fail_range("constant", aux, function_.constants.size());
    }
    if (kind == AuxKind::StringConstant &&
        function_.constants[aux].kind != Constant::Kind::String) {
      return error("name is not a string constant");
    }
    return {};
  }

  Result check_special(Instruction i, std::size_t pc) const {
    switch (info(opcode(i)).effect) {
      case Effect::Test:
        return check_test(pc);
      case Effect::Concat:
        if (op_b(i) < 2) return error("Concat of fewer than two values");
        return {};
      case Effect::Vararg:
        if (!function_.is_vararg) return error("Vararg in a function that has none");
        return {};
      case Effect::TForCall:
        if (op_c(i) < 2) return error("TForCall without a loop variable");
        return check_neighbour(pc + 1, i, {Opcode::TForLoop, Opcode::TForLoop});
      case Effect::TForLoop:
        return check_neighbour(pc - 1, i, {Opcode::TForCall, Opcode::IterCall});
      default:
        return {};
    }
  }

  Result check_test(std::size_t pc) const {
    if (pc + 1 >= code_.size() || (code_[pc + 1] & 0xff) != static_cast<int>(Opcode::Jump)) {
      return error("no Jump behind a test");
    }
    return {};
  }

  // One of two.
  Result check_neighbour(std::size_t pc, Instruction i, std::pair<Opcode, Opcode> wanted) const {
    const auto is = [&](Opcode op) { return (code_[pc] & 0xffff) == make_abc(op, op_a(i), 0, 0); };
    if (pc >= code_.size() || !starts_[pc] || (!is(wanted.first) && !is(wanted.second))) {
      return error("TForCall and TForLoop do not stand together");
    }
    return {};
  }

  Result check_targets(Instruction i, std::size_t pc) const {
    const Successors after = successors(i, static_cast<std::int64_t>(pc));
    const auto size = static_cast<std::int64_t>(code_.size());
    if (after.next >= size) return error("control falls off the end");
    for (const std::int64_t target : {after.next, after.jump}) {
      if (target == kNowhere) continue;
      if (target < 0 || target >= size) return error("jump out of the function");
      if (!starts_[static_cast<std::size_t>(target)]) return error("jump into an instruction");
    }
    return {};
  }

  const Function& function_;
  const std::span<const std::uint32_t> code_;
  const std::vector<bool>& starts_;
};

std::expected<std::vector<bool>, CodeError> find_starts(const Function& function) {
  const std::span<const std::uint32_t> code = function.code;
  std::vector<bool> starts(code.size());
  for (std::size_t pc = 0; pc < code.size(); pc = next_start(code, pc)) {
    if (!has_opcode(code[pc])) {
      return std::unexpected(CodeError{pc, "unknown opcode " + std::to_string(code[pc] & 0xff)});
    }
    if (next_start(code, pc) > code.size()) {
      return std::unexpected(CodeError{pc, "code ends inside an instruction"});
    }
    starts[pc] = true;
  }
  return starts;
}

}  // namespace

std::expected<std::vector<bool>, CodeError> verify_operands(const Function& function) {
  auto starts = find_starts(function);
  if (!starts) return starts;
  const OperandVerifier verifier(function, *starts);
  for (std::size_t pc = 0; pc < function.code.size(); pc = next_start(function.code, pc)) {
    if (Result r = verifier.check(pc); !r) return std::unexpected(CodeError{pc, r.error()});
  }
  return starts;
}

}  // namespace moonlet::bytecode
