#include "frontend/codegen.hpp"

namespace moonlet::frontend {

void CodeGenerator::statement(const Statement* s) {
  if (pace_ != nullptr) pace_->spend();
  switch (s->kind) {
    case StatementKind::Local:
      local_statement(static_cast<const LocalStatement*>(s));
      break;
    case StatementKind::Assignment:
      assignment(static_cast<const AssignmentStatement*>(s));
      break;
    case StatementKind::Call:
      call_results(static_cast<const CallStatement*>(s)->call, 0);
      break;
    case StatementKind::Function:
      function_statement(static_cast<const FunctionStatement*>(s));
      break;
    case StatementKind::LocalFunction:
      local_function(static_cast<const LocalFunctionStatement*>(s));
      break;
    case StatementKind::Do:
      block(static_cast<const DoStatement*>(s)->body);
      break;
    case StatementKind::While:
      while_statement(static_cast<const WhileStatement*>(s));
      break;
    case StatementKind::Repeat:
      repeat_statement(static_cast<const RepeatStatement*>(s));
      break;
    case StatementKind::If:
      if_statement(static_cast<const IfStatement*>(s));
      break;
    case StatementKind::NumericFor:
      numeric_for(static_cast<const NumericForStatement*>(s));
      break;
    case StatementKind::GenericFor:
      generic_for(static_cast<const GenericForStatement*>(s));
      break;
    case StatementKind::Return:
      return_statement(static_cast<const ReturnStatement*>(s));
      break;
    case StatementKind::Break:
      break_statement(s);
      break;
    case StatementKind::Goto:
      goto_statement(static_cast<const GotoStatement*>(s));
      break;
    case StatementKind::Label:
      label_statement(static_cast<const LabelStatement*>(s));
      break;
    case StatementKind::Continue:
      continue_statement(s);
      break;
    case StatementKind::CompoundAssignment:
      compound_assignment(static_cast<const CompoundAssignmentStatement*>(s));
      break;
  }
}

void CodeGenerator::local_statement(const LocalStatement* s) {
  const Local* local = s->first;
  for (Expression* e = s->values.first; e != nullptr && local != nullptr; e = e->next) {
    function_names_.assigned(local, e);
    local = local->next;
  }
  if (s->last_is_constant) {
    // The value of the constant is not computed; it is where its name is used.
    Expression* value = s->values.first;
    for (std::uint32_t i = 1; i < s->count; ++i, value = value->next) {
      to_next_register(value);
    }
  } else {
    expression_list(s->values, static_cast<int>(s->count), s->end);
  }
  activate_locals(s->first);
  if (s->to_close != nullptr) {
    code_.emit_abc(Opcode::Tbc, s->to_close->reg, 0, 0, s->end.line);
  }
}

void CodeGenerator::function_statement(const FunctionStatement* s) {
  function_names_.defined(s->target, s->function);
  const Place place = prepare_place(s->target);
  to_next_register(s->function);
  // The definition counts as happening in its first line.
  store(place, code_.free() - 1, s->line);
}

void CodeGenerator::local_function(const LocalFunctionStatement* s) {
  function_names_.defined(s->local, s->function);
  to_next_register(s->function);
  activate_locals(s->local);
}

// -------------------------------------------------------------------------------- conditions

void CodeGenerator::if_statement(const IfStatement* s) {
  JumpList escapes;
  for (const IfClause* clause = s->clauses; clause != nullptr; clause = clause->next) {
    if_clause(clause, clause->next == nullptr && s->otherwise == nullptr, escapes);
  }
  if (s->otherwise != nullptr) {
    block(*s->otherwise);
  }
  code_.patch_here(escapes);
}

void CodeGenerator::if_clause(const IfClause* clause, bool is_last, JumpList& escapes) {
  const Statement* only = clause->body.first;
  const bool is_break = only != nullptr && only->next == nullptr &&
                        only->kind == StatementKind::Break && !breaks_need_close();
  if (is_break) {
    jump_if(clause->condition, true, loop_->breaks);
    return;
  }
  JumpList otherwise;
  jump_if(clause->condition, false, otherwise);
  block(clause->body);
  if (!is_last) {
    code_.emit_jump(escapes, clause->body.end.line);
  }
  code_.patch_here(otherwise);
}

// ------------------------------------------------------------------------------------- leaving

void CodeGenerator::return_statement(const ReturnStatement* s) {
  const ExpressionList& values = s->values;
  for (Expression* e = values.first; e != nullptr; e = e->next) function_names_.returned(e);
  if (values.count == 0) {
    emit_return(code_.free(), 0, s->line);
    return;
  }
  if (values.count == 1 && !is_multiple(values.first)) {
    emit_return(any_register(values.first), 1, s->line);
    return;
  }
  const int first = code_.free();
  if (values.count == 1 && is_call(values.first) && s->may_tail_call) {
    tail_call(values.first);
    return;
  }
  for (Expression* e = values.first; e != values.last; e = e->next) {
    to_next_register(e);
  }
  if (is_multiple(values.last)) {
    multiple_results(values.last, kOpen);
    emit_return(first, kOpen, s->line);
  } else {
    to_next_register(values.last);
    emit_return(first, static_cast<int>(values.count), s->line);
  }
}

void CodeGenerator::emit_return(int first, int count, std::int32_t line) {
  if (function_->needs_close) {
    code_.emit_abc(Opcode::ReturnClose, first, count + 1, 0, line);
  } else if (count == 0) {
    code_.emit_abc(Opcode::Return0, 0, 0, 0, line);
  } else if (count == 1) {
    code_.emit_abc(Opcode::Return1, first, 0, 0, line);
  } else {
    code_.emit_abc(Opcode::Return, first, count + 1, 0, line);
  }
}

void CodeGenerator::break_statement(const Statement* s) {
  close_for_jump(loop_->level, s->line);
  code_.emit_jump(loop_->breaks, s->line);
}

void CodeGenerator::continue_statement(const Statement* s) {
  close_for_jump(loop_->continue_level, s->line);
  code_.emit_jump(loop_->continues, s->line);
}

void CodeGenerator::goto_statement(const GotoStatement* s) {
  Label* label = s->label;
  close_for_jump(label->register_level, s->line);
  if (label->position >= 0) {
    code_.emit_jump_back(label->position, s->line);
    return;
  }
  JumpList jumps{label->jumps};
  code_.emit_jump(jumps, s->line);
  label->jumps = jumps.last;
}

void CodeGenerator::label_statement(const LabelStatement* s) {
  s->label->position = code_.mark_target();
  code_.patch(JumpList{s->label->jumps}, s->label->position);
}

}  // namespace moonlet::frontend
