#include "frontend/function_names.hpp"

#include <algorithm>
#include <vector>

namespace moonlet::frontend {

namespace {

// Longer ones are cut, and told apart by their order.
constexpr std::size_t kTextMax = 120;
constexpr std::size_t kArgumentMax = 40;

void add(std::string& out, std::string_view text, std::size_t max = kTextMax) {
  const std::size_t room = kTextMax - std::min(out.size(), kTextMax);
  out += text.substr(0, std::min(room, max));
}

const ExpressionList& arguments_of(const Expression* call) {
  return call->kind == ExpressionKind::Call
             ? static_cast<const CallExpression*>(call)->arguments
             : static_cast<const MethodCallExpression*>(call)->arguments;
}

void add_field(std::string& out, std::string_view name) {
  if (!out.empty()) add(out, ".");
  add(out, name);
}

void add_key(std::string& out, const Expression* key) {
  switch (key->kind) {
    case ExpressionKind::String:
      return add_field(out, static_cast<const StringExpression*>(key)->value->text());
    case ExpressionKind::Integer:
      return add(out,
                 "[" + std::to_string(static_cast<const IntegerExpression*>(key)->value) + "]");
    case ExpressionKind::Local:
      add(out, "[");
      add(out, static_cast<const LocalExpression*>(key)->local->name->text());
      return add(out, "]");
    case ExpressionKind::Upvalue:
      add(out, "[");
      add(out, static_cast<const UpvalueExpression*>(key)->local->name->text());
      return add(out, "]");
    case ExpressionKind::Global:
      add(out, "[");
      add(out, static_cast<const GlobalExpression*>(key)->name->text());
      return add(out, "]");
    default:
      return add(out, "[]");
  }
}

void add_link(std::string& out, const Expression* e) {
  switch (e->kind) {
    case ExpressionKind::Local:
      return add(out, static_cast<const LocalExpression*>(e)->local->name->text());
    case ExpressionKind::Upvalue:
      return add(out, static_cast<const UpvalueExpression*>(e)->local->name->text());
    case ExpressionKind::Global:
      return add(out, static_cast<const GlobalExpression*>(e)->name->text());
    case ExpressionKind::Field:
      return add_field(out, static_cast<const FieldExpression*>(e)->name->text());
    case ExpressionKind::Index:
      return add_key(out, static_cast<const IndexExpression*>(e)->key);
    case ExpressionKind::Call:
      return add(out, "()");
    case ExpressionKind::MethodCall:
      add_field(out, static_cast<const MethodCallExpression*>(e)->name->text());
      return add(out, "()");
    default:
      return add(out, "()");
  }
}

// Chains have any length; the text of a long one is cut anyway.
void add_chain(std::string& out, const Expression* e) {
  std::vector<const Expression*> links;
  for (; e != nullptr; e = object_of(e)) links.push_back(e);
  std::reverse(links.begin(), links.end());
  for (const Expression* link : links) {
    if (out.size() >= kTextMax) return;
    add_link(out, link);
  }
}

void add_call(std::string& out, const Expression* call) {
  if (call->kind == ExpressionKind::Call) {
    add_chain(out, object_of(call));
  } else {
    add_chain(out, object_of(call));
    add_field(out, static_cast<const MethodCallExpression*>(call)->name->text());
  }
  const Expression* first = arguments_of(call).first;
  add(out, "(");
  if (first != nullptr && first->kind == ExpressionKind::String) {
    add(out, static_cast<const StringExpression*>(first)->value->text(), kArgumentMax);
  }
  add(out, ")");
}

}  // namespace

void FunctionNames::name_passed(const Expression* call) {
  name_arguments(arguments_of(call), {.call = call});
}

// Nests as deep as tables and arguments do, which the parser bounds; operators are a loop.
void FunctionNames::name(Expression* value, const Step& step) {
  while (value->kind == ExpressionKind::And || value->kind == ExpressionKind::Or) {
    auto* pair = static_cast<BinaryExpression*>(value);
    name(pair->right, step);
    value = pair->left;
  }
  if (value->kind == ExpressionKind::Table) {
    name_items(static_cast<TableExpression*>(value), step);
  } else if (is_call(value)) {
    name_arguments(arguments_of(value), step);
  } else if (value->kind == ExpressionKind::Function) {
    const std::uint32_t index = static_cast<FunctionExpression*>(value)->index;
    if (strings_.has_name(index)) return;
    std::string text = text_of(step);
    const bool is_field = step.item != nullptr && step.item->kind == ExpressionKind::NamedItem;
    if (is_luau_ && !is_definition_ && !is_field && !text.empty()) text = "(" + text + ")";
    if (!text.empty()) strings_.set_name(index, names_.intern_copy(text));
  }
}

void FunctionNames::name_items(const TableExpression* table, const Step& step) {
  for (Expression* item = table->items; item != nullptr; item = item->next) {
    const Step inner{.outer = &step, .item = item};
    if (is_item_key(item)) item = item->next;
    name(item, inner);
  }
}

void FunctionNames::name_arguments(const ExpressionList& arguments, const Step& step) {
  for (Expression* e = arguments.first; e != nullptr; e = e->next) name(e, step);
}

std::string FunctionNames::text_of(const Step& step) {
  std::vector<const Step*> steps;
  for (const Step* at = &step; at != nullptr; at = at->outer) steps.push_back(at);
  std::string out;
  for (std::size_t n = steps.size(); n-- > 0;) {
    const Step& at = *steps[n];
    if (at.local != nullptr) add(out, at.local->name->text());
    if (at.target != nullptr) add_chain(out, at.target);
    if (at.call != nullptr) add_call(out, at.call);
    if (at.item == nullptr) continue;
    if (at.item->kind == ExpressionKind::NamedItem) {
      add_field(out, static_cast<const NamedItem*>(at.item)->name->text());
    } else if (at.item->kind == ExpressionKind::KeyedItem) {
      add_key(out, static_cast<const KeyedItem*>(at.item)->key);
    } else {
      add(out, "[]");
    }
  }
  return out;
}

}  // namespace moonlet::frontend
