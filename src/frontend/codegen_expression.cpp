#include "base/check.hpp"
#include "frontend/codegen.hpp"
#include "frontend/limits.hpp"

namespace moonlet::frontend {

ML_COLD void CodeGenerator::report_room(SourcePoint point) {
  code_.fail("function or expression needs too many registers", point);
}

void CodeGenerator::to_register(Expression* e, int reg) {
  if (pace_ != nullptr) pace_->spend();
  make_room(1, e);
  switch (e->kind) {
    case ExpressionKind::Nil:
    case ExpressionKind::False:
    case ExpressionKind::True:
    case ExpressionKind::Integer:
    case ExpressionKind::Float:
    case ExpressionKind::String:
    case ExpressionKind::Builtin:
      load_constant(e, reg);
      break;
    case ExpressionKind::Vararg:
      code_.emit_abc(Opcode::Vararg, reg, 0, 2, e->line);
      break;
    case ExpressionKind::Function: {
      const auto* child = static_cast<FunctionExpression*>(e);
      code_.emit_abx(Opcode::Closure, reg, static_cast<int>(child->child_position), e->line);
      break;
    }
    case ExpressionKind::Table:
      table(static_cast<TableExpression*>(e), reg);
      break;
    case ExpressionKind::Local:
    case ExpressionKind::Upvalue:
    case ExpressionKind::Global:
      load_variable(e, reg);
      break;
    case ExpressionKind::Field:
    case ExpressionKind::Index:
    case ExpressionKind::Call:
    case ExpressionKind::MethodCall:
      suffixes(e, reg);
      break;
    case ExpressionKind::Unary:
      unary(static_cast<UnaryExpression*>(e), reg);
      break;
    case ExpressionKind::Arithmetic:
      arithmetic(static_cast<BinaryExpression*>(e), reg);
      break;
    case ExpressionKind::Concat:
      concat(static_cast<BinaryExpression*>(e), reg);
      break;
    case ExpressionKind::Not:
    case ExpressionKind::Comparison:
    case ExpressionKind::And:
    case ExpressionKind::Or:
      logical_value(e, reg);
      break;
    case ExpressionKind::Conditional:
      conditional(static_cast<ConditionalExpression*>(e), reg);
      break;
    case ExpressionKind::NamedItem:
    case ExpressionKind::KeyedItem:
      ML_UNREACHABLE();
  }
}

void CodeGenerator::to_next_register(Expression* e) {
  to_register(e, code_.free());
  code_.reserve(1);
}

int CodeGenerator::any_register(Expression* e) {
  if (e->kind == ExpressionKind::Local) {
    return static_cast<LocalExpression*>(e)->local->reg;
  }
  to_next_register(e);
  return code_.free() - 1;
}

void CodeGenerator::load_constant(const Expression* e, int reg) {
  switch (e->kind) {
    case ExpressionKind::Nil:
      code_.emit_nil(reg, 1, e->at);
      break;
    case ExpressionKind::False:
      code_.emit_abc(Opcode::LoadFalse, reg, 0, 0, e->at);
      break;
    case ExpressionKind::True:
      code_.emit_abc(Opcode::LoadTrue, reg, 0, 0, e->at);
      break;
    case ExpressionKind::Integer:
      code_.emit_integer(reg, static_cast<const IntegerExpression*>(e)->value, e->at);
      break;
    case ExpressionKind::Float:
      code_.emit_float(reg, static_cast<const FloatExpression*>(e)->value, e->at);
      break;
    default:
      code_.emit_constant(reg, constant_index(e), e->at);
      break;
  }
}

void CodeGenerator::load_variable(const Expression* e, int reg) {
  switch (e->kind) {
    case ExpressionKind::Local: {
      const int from = static_cast<const LocalExpression*>(e)->local->reg;
      if (from != reg) {
        code_.emit_abc(Opcode::Move, reg, from, 0, e->at);
      }
      break;
    }
    case ExpressionKind::Upvalue:
      code_.emit_abc(Opcode::GetUpvalue, reg, static_cast<const UpvalueExpression*>(e)->index, 0,
                     e->at);
      break;
    case ExpressionKind::Global: {
      const auto* global = static_cast<const GlobalExpression*>(e);
      const int name = code_.string_constant(global->name);
      code_.emit_with_aux(Opcode::GetGlobal, reg, global->environment,
                          static_cast<std::uint32_t>(name), e->at);
      break;
    }
    default:
      ML_UNREACHABLE();
  }
}

int CodeGenerator::constant_index(const Expression* e) {
  switch (e->kind) {
    case ExpressionKind::Nil:
      return code_.nil_constant();
    case ExpressionKind::False:
      return code_.boolean_constant(false);
    case ExpressionKind::True:
      return code_.boolean_constant(true);
    case ExpressionKind::Integer:
      return code_.integer_constant(static_cast<const IntegerExpression*>(e)->value);
    case ExpressionKind::Float:
      return code_.float_constant(static_cast<const FloatExpression*>(e)->value);
    case ExpressionKind::String:
      return code_.string_constant(static_cast<const StringExpression*>(e)->value);
    case ExpressionKind::Builtin:
      return code_.builtin_constant(static_cast<const BuiltinExpression*>(e)->name);
    default:
      ML_UNREACHABLE();
  }
}

int CodeGenerator::small_constant(const Expression* e) {
  const int constant = constant_index(e);
  return constant <= bytecode::kMaxC ? constant : -1;
}

// -------------------------------------------------------------------------------- operators

void CodeGenerator::unary(const UnaryExpression* e, int reg) {
  const int mark = code_.free();
  const int operand = any_register(e->operand);
  const Opcode op = e->op == UnaryOperator::Minus    ? Opcode::Unm
                    : e->op == UnaryOperator::BitNot ? Opcode::BNot
                                                     : choose(Opcode::Len, Opcode::LenF);
  code_.emit_abc(op, reg, operand, 0, e->line);
  code_.release_to(mark);
}

// a + b - c * d ...: the intermediate results share one temporary.
void CodeGenerator::arithmetic(const BinaryExpression* e, int reg) {
  const std::size_t bottom = spine_.size();
  Expression* left = e->left;
  while (left->kind == ExpressionKind::Arithmetic) {
    spine_.push_back(left);
    left = static_cast<BinaryExpression*>(left)->left;
  }
  const int mark = code_.free();
  const BinaryExpression* innermost =
      spine_.size() > bottom ? static_cast<BinaryExpression*>(spine_.back()) : e;
  int result = first_operand(innermost);
  while (spine_.size() > bottom) {
    const auto* node = static_cast<BinaryExpression*>(spine_.back());
    spine_.pop_back();
    emit_arithmetic(node, result, mark);
    code_.release_to(mark);
    code_.reserve(1);
    result = mark;
  }
  emit_arithmetic(e, result, reg);
  code_.release_to(mark);
}

// The register of the left operand, or kNoRegister when it becomes part of the instruction.
int CodeGenerator::first_operand(const BinaryExpression* e) {
  const bool is_constant_operand =
      is_number(e->left) && !is_number(e->right) && small_constant(e->left) >= 0;
  return is_constant_operand ? kNoRegister : any_register(e->left);
}

void CodeGenerator::emit_arithmetic(const BinaryExpression* e, int left, int reg) {
  int op = static_cast<int>(Opcode::Add) + 3 * e->op;
  if (is_luau_ && e->arithmetic() == ArithmeticOperator::Mod) op = static_cast<int>(Opcode::ModF);
  if (is_luau_ && e->arithmetic() == ArithmeticOperator::IDiv) op = static_cast<int>(Opcode::IDivF);
  if (left == kNoRegister) {
    const int right = any_register(e->right);
    code_.emit_abc(static_cast<Opcode>(op + 2), reg, small_constant(e->left), right, e->line);
    return;
  }
  const int constant = is_number(e->right) ? small_constant(e->right) : -1;
  if (constant >= 0) {
    code_.emit_abc(static_cast<Opcode>(op + 1), reg, left, constant, e->line);
    return;
  }
  const int right = any_register(e->right);
  code_.emit_abc(static_cast<Opcode>(op), reg, left, right, e->line);
}

// a .. b .. c associates to the right: one instruction joins all.
void CodeGenerator::concat(const BinaryExpression* e, int reg) {
  const int base = code_.free();
  int count = 1;
  std::int32_t line = e->line;
  to_next_register(e->left);
  Expression* right = e->right;
  for (; right->kind == ExpressionKind::Concat; ++count) {
    const auto* inner = static_cast<BinaryExpression*>(right);
    to_next_register(inner->left);
    line = inner->line;
    right = inner->right;
  }
  to_next_register(right);
  ++count;
  code_.emit_abc(Opcode::Concat, base, count, 0, line);
  code_.release_to(base);
  if (reg != base) {
    code_.emit(bytecode::make_abc(Opcode::Move, static_cast<unsigned>(reg),
                                  static_cast<unsigned>(base), 0),
               e->at, base + 1);
  }
}

void CodeGenerator::conditional(const ConditionalExpression* e, int reg) {
  JumpList ends;
  for (;;) {
    JumpList otherwise;
    jump_if(e->condition, false, otherwise);
    const int mark = code_.free();
    to_register(e->value, reg);
    code_.release_to(mark);
    code_.emit_jump(ends, e->value->at, height_with(reg));
    code_.patch_here(otherwise);
    if (e->otherwise->kind != ExpressionKind::Conditional) break;
    e = static_cast<const ConditionalExpression*>(e->otherwise);
  }
  to_register(e->otherwise, reg);
  code_.patch_here(ends);
}

// ------------------------------------------------------------------------------------ tables

void CodeGenerator::table(const TableExpression* e, int reg) {
  const int base = code_.free();
  const std::uint32_t fields = e->field_count < 255 ? e->field_count : 255;
  Expression* item = e->items;
  std::uint32_t positional = e->positional_count;
  const int create =
      code_.emit_with_aux(Opcode::NewTable, base, static_cast<int>(fields), positional, e->line);
  code_.reserve(1);
  std::uint32_t stored = 0;
  int pending = 0;
  for (; item != nullptr; item = item->next) {
    if (is_item_key(item)) {
      table_field(item, base);
      item = item->next;
      continue;
    }
    if (item->next == nullptr && is_multiple(item)) {
      multiple_results(item, kOpen);
      code_.release_to(base + 1 + pending);
      code_.emit_with_aux(Opcode::SetList, base, 0, stored, e->end_line);
      code_.set_aux(create, positional - 1);
      pending = 0;
      break;
    }
    to_next_register(item);
    ++pending;
    if (pending == kItemsPerFlush && item->next != nullptr) {
      code_.emit_with_aux(Opcode::SetList, base, pending, stored, item->at);
      code_.release_to(base + 1);
      stored += static_cast<std::uint32_t>(pending);
      pending = 0;
    }
  }
  if (pending > 0) {
    code_.emit_with_aux(Opcode::SetList, base, pending, stored, e->end_line);
  }
  code_.release_to(base);
  if (reg != base) {
    code_.emit(bytecode::make_abc(Opcode::Move, static_cast<unsigned>(reg),
                                  static_cast<unsigned>(base), 0),
               e->at, base + 1);
  }
}

// The value follows its key in the list.
void CodeGenerator::table_field(const Expression* item, int table) {
  const int mark = code_.free();
  Place place{.kind = ExpressionKind::Field, .object = table};
  if (item->kind == ExpressionKind::KeyedItem) {
    Expression* key = static_cast<const KeyedItem*>(item)->key;
    place.kind = ExpressionKind::Index;
    place.is_small_key = is_small_key(key);
    place.key = place.is_small_key ? small_key(key) : any_register(key);
  } else {
    place.name = static_cast<const NamedItem*>(item)->name;
  }
  store(place, any_register(item->next), item->next->at);
  code_.release_to(mark);
}

}  // namespace moonlet::frontend
