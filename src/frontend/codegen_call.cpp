// Chains of fields, indices and calls, which associate to the left and may be of any length.
#include "base/check.hpp"
#include "frontend/codegen.hpp"

namespace moonlet::frontend {
bool CodeGenerator::is_small_key(const Expression* key) {
  if (key->kind != ExpressionKind::Integer) {
    return false;
  }
  const std::int64_t value = static_cast<const IntegerExpression*>(key)->value;
  return value >= 0 && value <= bytecode::kMaxC;
}

int CodeGenerator::small_key(const Expression* key) {
  return static_cast<int>(static_cast<const IntegerExpression*>(key)->value);
}

void CodeGenerator::suffixes(Expression* e, int reg) {
  const int mark = code_.free();
  const int object = chain(e);
  if (is_call(e)) {
    call(e, object, 1);
    code_.release_to(mark);
    if (reg != mark) {
      code_.emit(bytecode::make_abc(Opcode::Move, static_cast<unsigned>(reg),
                                    static_cast<unsigned>(mark), 0),
                 e->at, mark + 1);
    }
  } else {
    access(e, object, reg);
    code_.release_to(mark);
  }
}

// Everything in front of the last link: leaves the object that `e` is applied to in a register,
// which is that of a variable or the first free one, then reserved.
int CodeGenerator::chain(Expression* e) {
  const std::size_t bottom = spine_.size();
  Expression* innermost = object_of(e);
  while (Expression* object = object_of(innermost)) {
    spine_.push_back(innermost);
    innermost = object;
  }
  const int mark = code_.free();
  make_room(1, e);
  int result = any_register(innermost);
  while (spine_.size() > bottom) {
    Expression* link = spine_.back();
    spine_.pop_back();
    if (is_call(link)) {
      call(link, result, 1);
    } else {
      access(link, result, mark);
    }
    code_.release_to(mark);
    code_.reserve(1);
    result = mark;
  }
  return result;
}

// reg = object[key]
void CodeGenerator::access(const Expression* e, int object, int reg) {
  if (e->kind == ExpressionKind::Field) {
    const int name = code_.string_constant(static_cast<const FieldExpression*>(e)->name);
    code_.emit_with_aux(Opcode::GetField, reg, object, static_cast<std::uint32_t>(name), e->at);
    return;
  }
  Expression* key = static_cast<const IndexExpression*>(e)->key;
  if (is_small_key(key)) {
    code_.emit_abc(Opcode::GetInteger, reg, object, small_key(key), e->at);
  } else {
    const int key_register = any_register(key);
    code_.emit_abc(choose(Opcode::GetTable, Opcode::GetTableF), reg, object, key_register, e->at);
  }
}

// ------------------------------------------------------------------------------------- calls

void CodeGenerator::call_results(Expression* e, int result_count) {
  const int mark = code_.free();
  const int object = chain(e);
  call(e, object, result_count);
  code_.release_to(mark);
}

void CodeGenerator::tail_call(Expression* e) {
  const int base = code_.free();
  const int object = chain(e);
  const int argument_count = call_operands(e, object, base);
  code_.emit_abc(Opcode::TailCall, base, argument_count + 1, function_->needs_close ? 1 : 0,
                 e->line);
}

// The function's registers, and the results, begin where the chain's temporary is or would be.
void CodeGenerator::call(Expression* e, int object, int result_count) {
  const bool is_temporary = object >= variable_count();
  const int base = is_temporary ? object : code_.free();
  const int argument_count = call_operands(e, object, base);
  code_.emit_abc(Opcode::Call, base, argument_count + 1, result_count + 1, e->line);
}

// Puts function and arguments from `base` up; gives the number of arguments, or kOpen.
int CodeGenerator::call_operands(Expression* e, int object, int base) {
  function_names_.passed(e);
  if (e->kind == ExpressionKind::MethodCall) {
    const auto* method = static_cast<MethodCallExpression*>(e);
    const int name = code_.string_constant(method->name);
    const int count = base + 2 - code_.free();
    make_room(count, method->object);
    code_.emit_with_aux(Opcode::Self, base, object, static_cast<std::uint32_t>(name),
                        method->name_line);
    code_.reserve(count);
    const int others = arguments(method->arguments);
    return others == kOpen ? kOpen : others + 1;
  }
  const auto* plain = static_cast<CallExpression*>(e);
  if (object != base) {
    make_room(1, plain->function);
    code_.emit_abc(Opcode::Move, base, object, 0, plain->function->at);
    code_.reserve(1);
  }
  return arguments(plain->arguments);
}

int CodeGenerator::arguments(const ExpressionList& list) {
  if (list.count == 0) {
    return 0;
  }
  for (Expression* e = list.first; e != list.last; e = e->next) {
    to_next_register(e);
  }
  if (is_multiple(list.last)) {
    multiple_results(list.last, kOpen);
    return kOpen;
  }
  to_next_register(list.last);
  return static_cast<int>(list.count);
}

void CodeGenerator::multiple_results(Expression* e, int result_count) {
  ML_ASSERT(is_multiple(e));
  make_room(result_count > 1 ? result_count : 1, e);
  if (e->kind == ExpressionKind::Vararg) {
    code_.emit_abc(Opcode::Vararg, code_.free(), 0, result_count + 1, e->line);
  } else {
    call_results(e, result_count);
  }
}

}  // namespace moonlet::frontend
