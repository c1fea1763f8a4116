#include "frontend/codegen.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "bytecode/analysis.hpp"

namespace moonlet::frontend {

CodeGenerator::CodeGenerator(bytecode::Chunk& chunk, NameTable& names, std::size_t function_count,
                             base::Pace* pace, bytecode::Dialect dialect)
    : pace_(pace),
      is_luau_(dialect == bytecode::Dialect::Luau),
      function_names_(names, code_.strings(), dialect == bytecode::Dialect::Luau),
      chunk_(chunk),
      hidden_name_(names.intern("(for state)")) {
  chunk.functions.reserve(function_count);
}

void CodeGenerator::add(const FunctionNode* node) {
  if (node->index >= chunk_.functions.size()) chunk_.functions.resize(node->index + 1);
  bytecode::Function& function = chunk_.functions[node->index];
  chunk_.memory.begin_function(node->index);
  take_children(node->child_count, function);
  finished_.push_back(node->index);
  if (node->index > failed_function_) return;
  generate_function(node, function);
  if (code_.has_failed()) {
    failed_function_ = node->index;
    error_ = code_.error();
    error_point_ = code_.error_point();
  }
}

bool CodeGenerator::finish(Name* chunk_name) {
  if (failed_function_ != kNoFunction) return false;
  code_.strings().finish(chunk_, chunk_name, pace_);
  return true;
}

void CodeGenerator::generate_function(const FunctionNode* node, bytecode::Function& function) {
  function_ = node;
  function_names_.begin_function(node);
  code_.begin(node->index);
  emit_upvalues(node, function);
  activate_locals(node->parameters);
  code_.ensure_room(node->parameter_count);
  code_.reserve(node->parameter_count);
  statements(node->body);
  emit_return(code_.free(), 0, node->end_line);
  end_variables(0);
  function.line_defined = static_cast<std::uint32_t>(node->line_defined);
  function.last_line_defined = static_cast<std::uint32_t>(node->last_line_defined);
  function.parameter_count = node->parameter_count;
  function.is_vararg = node->is_vararg;
  code_.finish(function, chunk_.memory);
  if (!code_.has_failed()) {
    bytecode::lower_heights(function, pace_);
  }
}

// They are what was finished last.
void CodeGenerator::take_children(std::size_t count, bytecode::Function& function) {
  const std::span<std::uint32_t> children = chunk_.memory.take<std::uint32_t>(count);
  std::copy(finished_.end() - static_cast<std::ptrdiff_t>(count), finished_.end(),
            children.begin());
  function.children = bytecode::List<std::uint32_t>::lying_at(children);
  finished_.resize(finished_.size() - count);
}

void CodeGenerator::emit_upvalues(const FunctionNode* node, bytecode::Function& function) {
  const std::span<bytecode::Upvalue> upvalues =
      chunk_.memory.take<bytecode::Upvalue>(node->upvalues.size());
  for (std::size_t n = 0; n < node->upvalues.size(); ++n) {
    const UpvalueNode& upvalue = node->upvalues[n];
    upvalues[n] = {upvalue.from_parent_register, upvalue.index,
                   code_.strings().use(upvalue.local->name)};
  }
  function.upvalues = bytecode::List<bytecode::Upvalue>::lying_at(upvalues);
}

// ------------------------------------------------------------------------------------- scopes

void CodeGenerator::activate(Name* name, bool needs_close) {
  variables_.push_back({code_.begin_variable(name), needs_close});
}

// Their registers are, or are about to be, reserved.
void CodeGenerator::activate_locals(const Local* first) {
  for (const Local* local = first; local != nullptr; local = local->next) {
    if (local->constant != nullptr) {
      continue;
    }
    ML_ASSERT(local->reg == variable_count());
    activate(local->name, local->captured_by != 0 || local->attribute == Attribute::Close);
  }
}

// The state of a loop: a generic one's last register holds a value to be closed.
void CodeGenerator::activate_hidden(int count, bool last_needs_close) {
  for (int i = 1; i <= count; ++i) {
    activate(hidden_name_, i == count && last_needs_close);
  }
}

void CodeGenerator::end_variables(int level) {
  while (variable_count() > level) {
    code_.end_variable(variables_.back().debug_index);
    variables_.pop_back();
  }
}

void CodeGenerator::block(const Block& block) {
  const int level = variable_count();
  statements(block);
  leave_scope(level, block, block.end.line);
}

void CodeGenerator::leave_scope(int level, const Block& block, std::int32_t line) {
  end_variables(level);
  const bool is_left_otherwise =
      block.last != nullptr &&
      (block.last->kind == StatementKind::Return || block.last->kind == StatementKind::Break ||
       block.last->kind == StatementKind::Goto || block.last->kind == StatementKind::Continue);
  if (block.needs_close && !is_left_otherwise) {
    // Still counts the block's registers as in use: closing reads them.
    code_.emit_close(level, line);
  }
  code_.release_to(level);
}

void CodeGenerator::statements(const Block& block) {
  for (const Statement* s = block.first; s != nullptr && !code_.has_failed(); s = s->next) {
    statement(s);
    code_.release_to(variable_count());
  }
}

bool CodeGenerator::needs_close_from(int level) const {
  for (int i = level; i < variable_count(); ++i) {
    if (variables_[static_cast<std::size_t>(i)].needs_close) {
      return true;
    }
  }
  return false;
}

// The instruction stands before the jump, where the variables still count as in use, and not at its
// target: other ways lead there on which these registers hold nothing.
void CodeGenerator::close_for_jump(int level, std::int32_t line) {
  if (needs_close_from(level)) {
    code_.emit_close(level, line);
  }
}

}  // namespace moonlet::frontend
