// Conditions become jumps; a boolean is made only where the program wants one as a value.
#include "base/check.hpp"
#include "frontend/codegen.hpp"

namespace moonlet::frontend {
namespace {

bool is_logical(const Expression* e) {
  return e->kind == ExpressionKind::And || e->kind == ExpressionKind::Or;
}

// A constant whose value is known here; that of a builtin is not.
bool is_literal(const Expression* e) { return e->kind < ExpressionKind::Builtin; }

bool is_test(const Expression* e) { return e->kind == ExpressionKind::Comparison || is_logical(e); }

}  // namespace

// REQUIRES: exactly one of `jumps` and `sink`.
void CodeGenerator::branch(Expression* e, bool sense, JumpList* jumps, ValueSink* sink) {
  while (e->kind == ExpressionKind::Not) {
    e = static_cast<UnaryExpression*>(e)->operand;
    if (sink != nullptr) {
      // The value that arrives is a boolean, known from where the jump goes.
      jumps = sense ? &sink->load_true : &sink->load_false;
      sink = nullptr;
    }
    sense = !sense;
  }
  if (is_logical(e)) {
    branch_logical(e, sense, jumps, sink);
  } else if (e->kind == ExpressionKind::Comparison) {
    JumpList* list = jumps;
    if (sink != nullptr) {
      list = sense ? &sink->load_true : &sink->load_false;
    }
    compare(static_cast<BinaryExpression*>(e), sense, *list);
  } else if (is_constant(e)) {
    if (is_constant_truthy(e) == sense) {
      branch_constant(e, jumps, sink);
    }
  } else {
    branch_value(e, sense, jumps, sink);
  }
}

// a and b and c, a or b or c. In the chain of `and` every operand decides that the whole is false,
// and only the last one that it is true; `or` is the mirror image.
void CodeGenerator::branch_logical(Expression* e, bool sense, JumpList* jumps, ValueSink* sink) {
  const ExpressionKind kind = e->kind;
  const bool decides = kind == ExpressionKind::Or;
  const std::size_t bottom = spine_.size();
  Expression* operand = e;
  while (operand->kind == kind) {
    spine_.push_back(operand);
    operand = static_cast<BinaryExpression*>(operand)->left;
  }
  JumpList skip;
  for (;;) {
    if (sense == decides) {
      branch(operand, sense, jumps, sink);
    } else if (spine_.size() > bottom) {
      branch(operand, decides, &skip, nullptr);
    } else {
      branch(operand, sense, jumps, sink);
    }
    if (spine_.size() == bottom) {
      break;
    }
    operand = static_cast<BinaryExpression*>(spine_.back())->right;
    spine_.pop_back();
  }
  code_.patch_here(skip);
}

// The jump is taken always.
void CodeGenerator::branch_constant(Expression* e, JumpList* jumps, ValueSink* sink) {
  if (sink == nullptr) {
    code_.emit_jump(*jumps, e->at);
    return;
  }
  make_room(1, e);
  load_constant(e, sink->reg);
  code_.emit_jump(sink->done, e->at, height_with(sink->reg));
}

void CodeGenerator::branch_value(Expression* e, bool sense, JumpList* jumps, ValueSink* sink) {
  const int mark = code_.free();
  const int reg = any_register(e);
  const int flag = sense ? 1 : 0;
  if (sink == nullptr || sink->reg == reg) {
    code_.emit_abc(Opcode::Test, reg, 0, flag, e->at);
  } else {
    code_.emit_abc(Opcode::TestSet, sink->reg, reg, flag, e->at);
  }
  code_.release_to(mark);
  if (sink == nullptr) {
    code_.emit_jump(*jumps, e->at);
  } else {
    code_.emit_jump(sink->done, e->at, height_with(sink->reg));
  }
}

// ------------------------------------------------------------------------------- comparisons

void CodeGenerator::compare(const BinaryExpression* e, bool sense, JumpList& jumps) {
  const int mark = code_.free();
  const std::size_t bottom = spine_.size();
  for (Expression* left = e->left; left->kind == ExpressionKind::Comparison;
       left = static_cast<BinaryExpression*>(left)->left) {
    spine_.push_back(left);
  }
  // a < b < c compares the outcome of a < b with c.
  int left = kNoRegister;
  while (spine_.size() > bottom) {
    const auto* inner = static_cast<BinaryExpression*>(spine_.back());
    spine_.pop_back();
    ValueSink sink{mark, {}, {}, {}};
    compare_operands(inner, left, true);
    code_.release_to(mark);
    code_.emit_jump(sink.load_true, inner->line);
    make_room(1, inner);
    load_outcomes(sink, true, inner->at);
    code_.reserve(1);
    left = mark;
  }
  compare_operands(e, left, sense);
  code_.release_to(mark);
  code_.emit_jump(jumps, e->line);
}

// `left` is the register of the left operand, or kNoRegister when it is still to be computed.
void CodeGenerator::compare_operands(const BinaryExpression* e, int left, bool sense) {
  if (e->comparison() <= ComparisonOperator::Ne) {
    compare_equal(e, left, sense == (e->comparison() == ComparisonOperator::Eq));
  } else {
    compare_order(e, left, sense);
  }
}

void CodeGenerator::compare_equal(const BinaryExpression* e, int left, bool sense) {
  Expression* first = e->left;
  Expression* right = e->right;
  if (is_literal(first) && !is_literal(right) && small_constant(first) >= 0) {
    std::swap(first, right);
  }
  const int flag = sense ? 1 : 0;
  const int a = left != kNoRegister ? left : any_register(first);
  const int constant = is_literal(right) ? small_constant(right) : -1;
  if (constant >= 0) {
    const Opcode op = is_number(right) ? choose(Opcode::EqK, Opcode::EqFK) : Opcode::EqK;
    code_.emit_abc(op, a, constant, flag, e->line);
  } else {
    const int b = any_register(right);
    code_.emit_abc(choose(Opcode::Eq, Opcode::EqF), a, b, flag, e->line);
  }
}

void CodeGenerator::compare_order(const BinaryExpression* e, int left, bool sense) {
  using C = ComparisonOperator;
  const C op = e->comparison();
  const int flag = sense ? 1 : 0;
  if (is_number(e->right) && small_constant(e->right) >= 0) {
    const Opcode with_constant = op == C::Lt   ? choose(Opcode::LtK, Opcode::LtFK)
                                 : op == C::Le ? choose(Opcode::LeK, Opcode::LeFK)
                                 : op == C::Gt ? choose(Opcode::GtK, Opcode::GtFK)
                                               : choose(Opcode::GeK, Opcode::GeFK);
    const int a = left != kNoRegister ? left : any_register(e->left);
    code_.emit_abc(with_constant, a, small_constant(e->right), flag, e->line);
    return;
  }
  if (is_number(e->left) && small_constant(e->left) >= 0) {
    const Opcode mirrored = op == C::Lt   ? choose(Opcode::GtK, Opcode::GtFK)
                            : op == C::Le ? choose(Opcode::GeK, Opcode::GeFK)
                            : op == C::Gt ? choose(Opcode::LtK, Opcode::LtFK)
                                          : choose(Opcode::LeK, Opcode::LeFK);
    const int b = any_register(e->right);
    code_.emit_abc(mirrored, b, small_constant(e->left), flag, e->line);
    return;
  }
  const int a = left != kNoRegister ? left : any_register(e->left);
  const int b = any_register(e->right);
  const Opcode plain = op == C::Lt || op == C::Gt ? choose(Opcode::Lt, Opcode::LtF)
                                                  : choose(Opcode::Le, Opcode::LeF);
  const bool is_swapped = op == C::Gt || op == C::Ge;
  code_.emit_abc(plain, is_swapped ? b : a, is_swapped ? a : b, flag, e->line);
}

// ------------------------------------------------------------------------------------ values

void CodeGenerator::logical_value(Expression* e, int reg) {
  ValueSink sink{reg, {}, {}, {}};
  const bool falls_through_false = logical_part(e, sink);
  load_outcomes(sink, falls_through_false, e->at);
}

bool CodeGenerator::logical_part(Expression* e, ValueSink& sink) {
  while (is_logical(e)) {
    const bool decides = e->kind == ExpressionKind::Or;
    auto* binary = static_cast<BinaryExpression*>(e);
    branch(binary->left, decides, nullptr, &sink);
    e = binary->right;
  }
  if (e->kind == ExpressionKind::Comparison) {
    compare(static_cast<BinaryExpression*>(e), true, sink.load_true);
    return true;
  }
  if (e->kind != ExpressionKind::Not) {
    to_register(e, sink.reg);
    return false;
  }
  Expression* operand = static_cast<UnaryExpression*>(e)->operand;
  if (is_test(operand) || operand->kind == ExpressionKind::Not) {
    branch(e, true, nullptr, &sink);
    return true;
  }
  const int mark = code_.free();
  const int from = any_register(operand);
  code_.emit_abc(Opcode::Not, sink.reg, from, 0, e->line);
  code_.release_to(mark);
  return false;
}

void CodeGenerator::load_outcomes(ValueSink& sink, bool falls_through_false, std::int32_t line) {
  if (falls_through_false || !sink.load_true.is_empty() || !sink.load_false.is_empty()) {
    if (!falls_through_false) {
      code_.emit_jump(sink.done, line, height_with(sink.reg));
    }
    code_.patch_here(sink.load_false);
    code_.mark_target();
    code_.emit_abc(Opcode::LoadFalseSkip, sink.reg, 0, 0, line);
    code_.patch_here(sink.load_true);
    code_.mark_target();
    code_.emit_abc(Opcode::LoadTrue, sink.reg, 0, 0, line);
    code_.mark_target();
  }
  code_.patch_here(sink.done);
}

// The height at a place where the register already holds a value.
int CodeGenerator::height_with(int reg) const {
  return reg < code_.free() ? code_.free() : reg + 1;
}

}  // namespace moonlet::frontend
