#include "frontend/codegen.hpp"
#include "frontend/limits.hpp"

namespace moonlet::frontend {

void CodeGenerator::while_statement(const WhileStatement* s) {
  Loop loop{loop_, variable_count(), {}, {}, variable_count()};
  const int start = code_.mark_target();
  JumpList exits;
  jump_if(s->condition, false, exits);
  loop_ = &loop;
  block(s->body);
  loop_ = loop.outer;
  code_.patch_here(loop.continues);
  code_.emit_jump_back(start, s->body.end.line);
  code_.patch_here(exits);
  code_.patch_here(loop.breaks);
}

// Both ways out of the condition leave the scope of the body, and close what needs it.
void CodeGenerator::repeat_statement(const RepeatStatement* s) {
  Loop loop{loop_, variable_count(), {}, {}, variable_count()};
  const int start = code_.mark_target();
  loop_ = &loop;
  for (const Statement* at = s->body.first; at != nullptr && !code_.has_failed(); at = at->next) {
    // The condition sees what is there so far.
    loop.continue_level = variable_count();
    statement(at);
    code_.release_to(variable_count());
  }
  loop_ = loop.outer;
  code_.patch_here(loop.continues);
  JumpList repeats;
  const std::int32_t line = s->condition->at;
  jump_if(s->condition, false, repeats);
  end_variables(loop.level);
  if (s->body.needs_close) {
    JumpList exit;
    code_.emit_close(loop.level, line);
    code_.emit_jump(exit, line, loop.level);
    code_.patch_here(repeats);
    code_.emit_close(loop.level, line);
    code_.release_to(loop.level);
    code_.emit_jump_back(start, line);
    code_.patch_here(exit);
  } else {
    code_.patch(repeats, start);
    code_.release_to(loop.level);
  }
  code_.patch_here(loop.breaks);
}

void CodeGenerator::numeric_for(const NumericForStatement* s) {
  Loop loop{loop_, variable_count(), {}, {}, variable_count() + 3};
  const int base = loop.level;
  to_next_register(s->start);
  to_next_register(s->limit);
  if (s->step != nullptr) {
    to_next_register(s->step);
  } else {
    make_room(1, s->limit);
    if (is_luau_) {
      code_.emit_float(code_.free(), 1, s->limit->at);
    } else {
      code_.emit_integer(code_.free(), 1, s->limit->at);
    }
    code_.reserve(1);
  }
  activate_hidden(3, false);
  make_room(1, s->limit);
  const int prepare =
      code_.emit_abx(choose(Opcode::ForPrep, Opcode::ForPrepF), base, 0, s->do_line);
  code_.reserve(1);
  activate_locals(s->variable);
  loop_ = &loop;
  statements(s->body);
  loop_ = loop.outer;
  leave_scope(base + 3, s->body, s->body.end.line);
  code_.mark_target();
  code_.patch_here(loop.continues);
  const int next = code_.emit_abx(choose(Opcode::ForLoop, Opcode::ForLoopF), base, 0, s->line);
  close_loop(prepare, next, next, prepare + 1, s->body);
  end_variables(base);
  code_.release_to(base);
  code_.mark_target();
  code_.patch_here(loop.breaks);
}

// Fills in the distances: from the preparation to `entry`, from the end back to `start`.
void CodeGenerator::close_loop(int prepare, int entry, int next, int start, const Block& body) {
  if (!code_.set_loop_distance(prepare, entry) || !code_.set_loop_distance(next, start)) {
    code_.fail("control structure too long", body.end);
  }
}

void CodeGenerator::generic_for(const GenericForStatement* s) {
  Loop loop{loop_, variable_count() + 4, {}, {}, variable_count() + 4};
  const int base = variable_count();
  const int first = base + 4;
  expression_list(s->values, 4, {s->values.last->at, s->values.last->next_token});
  activate_hidden(4, !is_luau_);
  // The iterator is called in the registers of the variables, with two arguments.
  make_room(s->count > 3 ? static_cast<int>(s->count) : 3, s->values.last);
  JumpList skips;
  const int prepare = is_luau_ ? begin_iteration(s, first, skips)
                               : code_.emit_abx(Opcode::TForPrep, first, 0, s->do_line);
  const int start = code_.mark_target();
  code_.reserve(static_cast<int>(s->count));
  activate_locals(s->variables);
  loop_ = &loop;
  statements(s->body);
  loop_ = loop.outer;
  leave_scope(first, s->body, s->body.end.line);
  code_.mark_target();
  code_.patch_here(loop.continues);
  const int call = code_.emit_abc(choose(Opcode::TForCall, Opcode::IterCall), first, 0,
                                  static_cast<int>(s->count) + 1, s->call_line);
  const int next = code_.emit(bytecode::make_abx(Opcode::TForLoop, static_cast<unsigned>(first), 0),
                              s->call_line, first + static_cast<int>(s->count));
  code_.patch(skips, call);
  close_loop(prepare, call, next, start, s->body);
  // A break comes here too: the closing value is closed in one place.
  code_.mark_target();
  code_.patch_here(loop.breaks);
  end_variables(base);
  if (!is_luau_) code_.emit_close(base, s->end_line);
  code_.release_to(base);
}

// Where what is iterated over is no function, another one is asked what to do. Gives the
// preparation; `skips` leads to the iterator's call.
int CodeGenerator::begin_iteration(const GenericForStatement* s, int first, JumpList& skips) {
  const int prepare = code_.emit_abx(Opcode::IterPrep, first, 0, s->do_line);
  code_.reserve(2);
  code_.emit_abc(Opcode::Call, first, 2, 4, s->do_line);
  code_.reserve(1);
  for (const int n : {0, 1, 2}) {
    code_.emit_abc(Opcode::Move, first - 4 + n, first + n, 0, s->do_line);
  }
  code_.release_to(first);
  code_.emit_jump(skips, s->do_line);
  return prepare;
}

}  // namespace moonlet::frontend
