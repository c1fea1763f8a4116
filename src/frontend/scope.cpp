#include "frontend/scope.hpp"

#include "base/check.hpp"
#include "frontend/limits.hpp"

namespace moonlet::frontend {

Scope::Scope(Arena& arena, Name* environment, ErrorSink& errors)
    : arena_(arena), errors_(errors), environment_name_(environment) {}

FunctionNode* Scope::open_function(std::int32_t line) {
  FunctionNode* node = arena_.make<FunctionNode>();
  node->index = function_count_++;
  node->depth = static_cast<std::uint32_t>(functions_.size());
  node->line_defined = line;
  if (node->depth == upvalues_.size()) {
    upvalues_.emplace_back();
  }
  upvalues_[node->depth].clear();
  if (functions_.empty()) {
    Local* environment = arena_.make<Local>();
    environment->name = environment_name_;
    environment_name_->binding = environment;
    add_upvalue(node, environment, 0, true);
  } else {
    FunctionNode* parent = function();
    node->parent = parent;
    node->child_position = parent->child_count++;
    if (parent->child_count > static_cast<std::uint32_t>(kMaxChildren)) {
      report_limit(parent, kMaxChildren, "functions");
    }
  }
  functions_.push_back({node, actives_.size(), 0});
  blocks_.push_back({&node->body, actives_.size(), labels_.size(), gotos_.size(), false, false});
  return node;
}

void Scope::close_function() {
  const BlockState state = blocks_.back();
  close_block();
  if (gotos_.size() > state.first_goto) {
    report_unresolved(gotos_[state.first_goto]);
    gotos_.resize(state.first_goto);
  }
  FunctionNode* node = function();
  node->upvalues = upvalues_[node->depth];
  functions_.pop_back();
}

void Scope::open_block(Block* block, BlockKind kind) {
  const BlockState& outer = blocks_.back();
  const bool is_inside_loop = outer.is_inside_loop || kind == BlockKind::Loop;
  blocks_.push_back({block, actives_.size(), labels_.size(), gotos_.size(), is_inside_loop,
                     outer.is_inside_to_be_closed});
}

void Scope::close_block() {
  const BlockState state = blocks_.back();
  while (actives_.size() > state.first_active) {
    Local* local = actives_.back().local;
    local->name->binding = local->shadowed;
    actives_.pop_back();
  }
  while (labels_.size() > state.first_label) {
    labels_.back()->name->label = labels_.back()->shadowed;
    labels_.pop_back();
  }
  // What still waits for its label continues to wait in the enclosing block.
  for (std::size_t i = state.first_goto; i < gotos_.size(); ++i) {
    gotos_[i].level = level();
  }
  blocks_.pop_back();
}

Local* Scope::declare(Name* name) {
  FunctionState& state = functions_.back();
  ++state.pending_count;
  if (level() + state.pending_count > kMaxLocals) {
    report_limit(state.node, kMaxLocals, "local variables");
  }
  Local* local = arena_.make<Local>();
  local->name = name;
  local->function = state.node;
  return local;
}

void Scope::activate(Local* local) {
  const std::uint8_t reg = register_level(level());
  local->reg = reg;
  push_active(local, static_cast<std::uint8_t>(reg + 1));
}

void Scope::activate_constant(Local* local, Expression* value) {
  local->constant = value;
  push_active(local, register_level(level()));
}

void Scope::push_active(Local* local, std::uint8_t registers) {
  --functions_.back().pending_count;
  local->block = blocks_.back().block;
  local->shadowed = local->name->binding;
  local->name->binding = local;
  actives_.push_back({local, registers});
}

void Scope::mark_to_be_closed() {
  BlockState& state = blocks_.back();
  state.block->needs_close = true;
  state.is_inside_to_be_closed = true;
  function()->needs_close = true;
}

std::int32_t Scope::level() const {
  return static_cast<std::int32_t>(actives_.size() - functions_.back().first_active);
}

std::uint8_t Scope::register_level(std::int32_t at_level) const {
  if (at_level == 0) {
    return 0;
  }
  const std::size_t first = functions_.back().first_active;
  return actives_[first + static_cast<std::size_t>(at_level) - 1].registers;
}

std::uint8_t Scope::registers_of(const Block* block) const {
  std::size_t at = 0;
  while (blocks_[at].block != block) ++at;
  // What stands in a block inside of it comes after all of its own.
  const std::size_t end = at + 1 < blocks_.size() ? blocks_[at + 1].first_active : actives_.size();
  const std::size_t first = functions_.back().first_active;
  return end > first ? actives_[end - 1].registers : 0;
}

// ------------------------------------------------------------------------------------- names

namespace {

template <typename T>
Expression* copy_node(Arena& arena, const Expression* original) {
  T* copy = arena.make<T>(*static_cast<const T*>(original));
  copy->next = nullptr;
  copy->is_parenthesized = false;
  return copy;
}

Expression* copy_constant(Arena& arena, const Expression* constant) {
  switch (constant->kind) {
    case ExpressionKind::Integer:
      return copy_node<IntegerExpression>(arena, constant);
    case ExpressionKind::Float:
      return copy_node<FloatExpression>(arena, constant);
    case ExpressionKind::String:
      return copy_node<StringExpression>(arena, constant);
    case ExpressionKind::Builtin:
      return copy_node<BuiltinExpression>(arena, constant);
    default:
      return copy_node<Expression>(arena, constant);
  }
}

}  // namespace

Expression* Scope::resolve(Name* name) {
  Local* local = name->binding;
  if (local == nullptr) {
    return nullptr;
  }
  if (local->constant != nullptr) {
    return copy_constant(arena_, local->constant);
  }
  if (local->function == function()) {
    auto* expression = arena_.make<LocalExpression>();
    expression->kind = ExpressionKind::Local;
    expression->local = local;
    return expression;
  }
  auto* expression = arena_.make<UpvalueExpression>();
  expression->kind = ExpressionKind::Upvalue;
  expression->local = local;
  expression->index = static_cast<std::uint8_t>(capture(function(), local));
  return expression;
}

Expression* Scope::global(Name* name) {
  Expression* environment = resolve(environment_name_);
  if (environment->kind == ExpressionKind::Upvalue) {
    auto* expression = arena_.make<GlobalExpression>();
    expression->kind = ExpressionKind::Global;
    expression->name = name;
    expression->environment = static_cast<UpvalueExpression*>(environment)->index;
    return expression;
  }
  auto* expression = arena_.make<FieldExpression>();
  expression->kind = ExpressionKind::Field;
  expression->object = environment;
  expression->name = name;
  return expression;
}

Local* Scope::variable_of(const Expression* expression) {
  switch (expression->kind) {
    case ExpressionKind::Local:
      return static_cast<const LocalExpression*>(expression)->local;
    case ExpressionKind::Upvalue:
      return static_cast<const UpvalueExpression*>(expression)->local;
    default:
      return nullptr;
  }
}

// Functions nest at most as deep as syntactic levels, which bounds the recursion.
int Scope::capture(const FunctionNode* inner, Local* local) {
  if (local->captured_by == inner->index) {
    return local->capture_index;
  }
  const std::vector<UpvalueNode>& upvalues = upvalues_[inner->depth];
  int index = -1;
  for (std::size_t i = 0; i < upvalues.size(); ++i) {
    if (upvalues[i].local == local) {
      index = static_cast<int>(i);
      break;
    }
  }
  if (index < 0) {
    const bool from_parent_register = inner->parent == local->function;
    if (from_parent_register) {
      local->block->needs_close = true;
      local->function->needs_close = true;
      index = add_upvalue(inner, local, local->reg, true);
    } else {
      index = add_upvalue(inner, local, capture(inner->parent, local), false);
    }
  }
  local->captured_by = inner->index;
  local->capture_index = static_cast<std::uint8_t>(index);
  return index;
}

int Scope::add_upvalue(const FunctionNode* function, Local* local, int index,
                       bool from_parent_register) {
  std::vector<UpvalueNode>& upvalues = upvalues_[function->depth];
  if (upvalues.size() >= static_cast<std::size_t>(kMaxUpvalues)) {
    report_limit(function, kMaxUpvalues, "upvalues");
    return 0;
  }
  upvalues.push_back({local, static_cast<std::uint8_t>(index), from_parent_register});
  return static_cast<int>(upvalues.size()) - 1;
}

void Scope::report_limit(const FunctionNode* function, int limit, const char* what) {
  std::string message = "too many ";
  message += what;
  message += " (limit is " + std::to_string(limit) + ") in ";
  message += function->line_defined == 0
                 ? "main function"
                 : "function at line " + std::to_string(function->line_defined);
  errors_.syntax_error(std::move(message));
}

// ------------------------------------------------------------------------------------- labels

void Scope::add_goto(GotoStatement* statement, Name* name) {
  if (name->label != nullptr && name->label->function == function()) {
    statement->label = name->label;
    return;
  }
  if (gotos_.size() >= static_cast<std::size_t>(kMaxLabels)) {
    report_limit(function(), kMaxLabels, "labels/gotos");
    return;
  }
  gotos_.push_back({statement, name, statement->line, level()});
}

void Scope::add_break(std::int32_t line) {
  if (!blocks_.back().is_inside_loop && gotos_.size() < static_cast<std::size_t>(kMaxLabels)) {
    gotos_.push_back({nullptr, nullptr, line, level()});
  }
}

void Scope::check_label_is_new(Name* name) {
  const Label* label = name->label;
  if (label != nullptr && label->function == function()) {
    errors_.semantic_error("label '" + std::string(name->text()) + "' already defined on line " +
                           std::to_string(label->line));
  }
}

Label* Scope::add_label(Name* name, std::int32_t line, bool is_last_in_block) {
  const FunctionState& state = functions_.back();
  Label* label = arena_.make<Label>();
  label->name = name;
  label->function = state.node;
  label->line = line;
  // After the last statement of a block its variables count as gone, so that a jump there enters
  // no scope.
  label->level = is_last_in_block
                     ? static_cast<std::int32_t>(blocks_.back().first_active - state.first_active)
                     : level();
  label->register_level = register_level(label->level);
  label->shadowed = name->label;
  name->label = label;
  if (labels_.size() >= static_cast<std::size_t>(kMaxLabels)) {
    report_limit(state.node, kMaxLabels, "labels/gotos");
  }
  labels_.push_back(label);
  resolve_gotos(label);
  return label;
}

void Scope::resolve_gotos(Label* label) {
  std::size_t kept = blocks_.back().first_goto;
  for (std::size_t i = kept; i < gotos_.size(); ++i) {
    const PendingGoto pending = gotos_[i];
    if (pending.name != label->name) {
      gotos_[kept++] = pending;
      continue;
    }
    if (pending.level < label->level) {
      report_jump_into_scope(pending);
    }
    pending.statement->label = label;
  }
  gotos_.resize(kept);
}

void Scope::report_jump_into_scope(const PendingGoto& pending) {
  const std::size_t entered =
      functions_.back().first_active + static_cast<std::size_t>(pending.level);
  errors_.semantic_error("<goto " + std::string(pending.name->text()) + "> at line " +
                         std::to_string(pending.line) + " jumps into the scope of local '" +
                         std::string(actives_[entered].local->name->text()) + "'");
}

void Scope::report_unresolved(const PendingGoto& pending) {
  if (pending.statement == nullptr) {
    errors_.semantic_error("break outside loop at line " + std::to_string(pending.line));
  } else {
    errors_.semantic_error("no visible label '" + std::string(pending.name->text()) +
                           "' for <goto> at line " + std::to_string(pending.line));
  }
}

}  // namespace moonlet::frontend
