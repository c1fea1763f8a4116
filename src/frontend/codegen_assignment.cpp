#include "base/check.hpp"
#include "frontend/codegen.hpp"

namespace moonlet::frontend {

void CodeGenerator::assignment(const AssignmentStatement* s) {
  const Expression* target = s->targets.first;
  for (Expression* e = s->values.first; e != nullptr && target != nullptr; e = e->next) {
    function_names_.assigned(target, e);
    target = target->next;
  }
  if (s->targets.count == 1 && s->values.count == 1) {
    const Place place = prepare_place(s->targets.first);
    store_value(place, s->values.first, s->end.line);
  } else {
    assign_many(s);
  }
}

// The parts of the target are computed once, then its value, then the other one.
void CodeGenerator::compound_assignment(const CompoundAssignmentStatement* s) {
  const Place place = prepare_place(s->target);
  const bool is_local = place.kind == ExpressionKind::Local;
  Local variable;
  if (is_local) {
    variable.reg = static_cast<std::uint8_t>(place.object);
  } else {
    make_room(1, s->target);
    variable.reg = static_cast<std::uint8_t>(code_.free());
    load_place(place, variable.reg, s->target->at);
    code_.reserve(1);
  }
  LocalExpression current;
  current.kind = ExpressionKind::Local;
  current.line = current.at = s->line;
  current.local = &variable;
  BinaryExpression operation;
  operation.kind = s->is_concatenation ? ExpressionKind::Concat : ExpressionKind::Arithmetic;
  operation.line = operation.at = s->line;
  operation.left = &current;
  operation.right = s->value;
  operation.op = static_cast<std::uint8_t>(s->op);
  to_register(&operation, variable.reg);
  if (!is_local) store(place, variable.reg, s->end_line);
}

void CodeGenerator::load_place(const Place& place, int reg, std::int32_t line) {
  switch (place.kind) {
    case ExpressionKind::Upvalue:
      code_.emit_abc(Opcode::GetUpvalue, reg, place.object, 0, line);
      break;
    case ExpressionKind::Global:
    case ExpressionKind::Field: {
      const Opcode op = place.kind == ExpressionKind::Global ? Opcode::GetGlobal : Opcode::GetField;
      const int name = code_.string_constant(place.name);
      code_.emit_with_aux(op, reg, place.object, static_cast<std::uint32_t>(name), line);
      break;
    }
    case ExpressionKind::Index: {
      const Opcode op =
          place.is_small_key ? Opcode::GetInteger : choose(Opcode::GetTable, Opcode::GetTableF);
      code_.emit_abc(op, reg, place.object, place.key, line);
      break;
    }
    default:
      ML_UNREACHABLE();
  }
}

// All parts of the targets are computed from left to right, then the values, then the stores are
// made from right to left.
void CodeGenerator::assign_many(const AssignmentStatement* s) {
  places_.clear();
  for (Expression* target = s->targets.first; target != nullptr; target = target->next) {
    const Place place = prepare_place(target);
    save_overwritten(place, target);
    places_.push_back(place);
  }
  std::size_t remaining = places_.size();
  if (s->values.count == s->targets.count) {
    for (Expression* e = s->values.first; e != s->values.last; e = e->next) {
      to_next_register(e);
    }
    store_value(places_[--remaining], s->values.last, s->end.line);
  } else {
    expression_list(s->values, static_cast<int>(s->targets.count), s->end);
  }
  while (remaining > 0) {
    const int value = code_.free() - 1;
    store(places_[--remaining], value, s->end.line);
    code_.release_to(value);
  }
}

CodeGenerator::Place CodeGenerator::prepare_place(Expression* target) {
  Place place{.kind = target->kind};
  switch (target->kind) {
    case ExpressionKind::Local:
      place.object = static_cast<LocalExpression*>(target)->local->reg;
      break;
    case ExpressionKind::Upvalue:
      place.object = static_cast<UpvalueExpression*>(target)->index;
      break;
    case ExpressionKind::Global: {
      const auto* global = static_cast<GlobalExpression*>(target);
      place.object = global->environment;
      place.name = global->name;
      break;
    }
    case ExpressionKind::Field: {
      const auto* field = static_cast<FieldExpression*>(target);
      place.object = any_register(field->object);
      place.name = field->name;
      break;
    }
    case ExpressionKind::Index: {
      const auto* indexed = static_cast<IndexExpression*>(target);
      place.object = any_register(indexed->object);
      place.is_small_key = is_small_key(indexed->key);
      place.key = place.is_small_key ? small_key(indexed->key) : any_register(indexed->key);
      break;
    }
    default:
      ML_UNREACHABLE();
  }
  return place;
}

// In `a[i], i = ...` the variable i is assigned before a[i]: an earlier target that uses the
// variable from its own register gets a copy.
void CodeGenerator::save_overwritten(const Place& place, const Expression* target) {
  if (place.kind != ExpressionKind::Local && place.kind != ExpressionKind::Upvalue) {
    return;
  }
  const int copy = code_.free();
  bool is_used = false;
  for (Place& other : places_) {
    if (place.kind == ExpressionKind::Upvalue) {
      if (other.kind == ExpressionKind::Global && other.object == place.object) {
        other.kind = ExpressionKind::Field;
        other.object = copy;
        is_used = true;
      }
      continue;
    }
    const bool is_indexed =
        other.kind == ExpressionKind::Field || other.kind == ExpressionKind::Index;
    if (is_indexed && other.object == place.object) {
      other.object = copy;
      is_used = true;
    }
    if (other.kind == ExpressionKind::Index && !other.is_small_key && other.key == place.object) {
      other.key = copy;
      is_used = true;
    }
  }
  if (is_used) {
    make_room(1, target);
    const bool is_local = place.kind == ExpressionKind::Local;
    code_.emit_abc(is_local ? Opcode::Move : Opcode::GetUpvalue, copy, place.object, 0, target->at);
    code_.reserve(1);
  }
}

void CodeGenerator::store(const Place& place, int reg, std::int32_t line) {
  switch (place.kind) {
    case ExpressionKind::Local:
      code_.emit_abc(Opcode::Move, place.object, reg, 0, line);
      break;
    case ExpressionKind::Upvalue:
      code_.emit_abc(Opcode::SetUpvalue, reg, place.object, 0, line);
      break;
    case ExpressionKind::Global:
    case ExpressionKind::Field: {
      const Opcode op = place.kind == ExpressionKind::Global ? Opcode::SetGlobal : Opcode::SetField;
      const int name = code_.string_constant(place.name);
      code_.emit_with_aux(op, reg, place.object, static_cast<std::uint32_t>(name), line);
      break;
    }
    case ExpressionKind::Index: {
      const Opcode op =
          place.is_small_key ? Opcode::SetInteger : choose(Opcode::SetTable, Opcode::SetTableF);
      code_.emit_abc(op, reg, place.object, place.key, line);
      break;
    }
    default:
      ML_UNREACHABLE();
  }
}

void CodeGenerator::store_value(const Place& place, Expression* value, std::int32_t line) {
  if (place.kind == ExpressionKind::Local) {
    to_register(value, place.object);
    return;
  }
  const int mark = code_.free();
  store(place, any_register(value), line);
  code_.release_to(mark);
}

void CodeGenerator::expression_list(const ExpressionList& list, int wanted, SourcePoint end) {
  const int base = code_.free();
  for (Expression* e = list.first; e != list.last; e = e->next) {
    to_next_register(e);
  }
  const int missing = wanted - static_cast<int>(list.count);
  if (list.last != nullptr && is_multiple(list.last)) {
    const int results = missing + 1 > 0 ? missing + 1 : 0;
    multiple_results(list.last, results);
    code_.reserve(results);
  } else {
    if (list.last != nullptr) {
      to_next_register(list.last);
    }
    if (missing > 0) {
      make_room(missing, end);
      code_.emit_nil(code_.free(), missing, end.line);
      code_.reserve(missing);
    }
  }
  code_.release_to(base + wanted);
}

}  // namespace moonlet::frontend
