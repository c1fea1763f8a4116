// What definitions call their functions: "step", "M.handlers.stop", "on(start)". The names are
// those of the text, whatever values the variables have, and stay as they are when code around them
// is edited. A live upgrade finds functions again by them (docs/upgrade.md).
//
//   local function f, local f = ..., f = ...        f
//   function M.a.b, function M.a:b, M.a.b = ...     M.a.b
//   M["a"], M[1], M[key], M[f(x)]                   M.a, M[1], M[key], M[]
//   t = {a = ..., [1] = {b = ...}, ...}             t.a, t[1].b, t[]
//   t = wrap(...), t = x or ...                     t
//   on("start", ...), bus:on("start", ...)          on(start), bus.on(start)
//   return {a = ...}                                a
//   return ..., (...)()                             none
#pragma once

#include <string>

#include "frontend/ast.hpp"
#include "frontend/chunk_strings.hpp"

namespace moonlet::frontend {

class FunctionNames {
 public:
  // In Luau only what a function statement or a field of a table defines has a name to scripts:
  // those of others stand in parentheses.
  FunctionNames(NameTable& names, ChunkStrings& strings, bool is_luau)
      : names_(names), strings_(strings), is_luau_(is_luau) {}

  // What follows stands in a function. Where no functions stand, there is nothing to look for.
  void begin_function(const FunctionNode* function) { has_functions_ = function->child_count > 0; }

  // By a function statement.
  template <typename Target>
  void defined(const Target* target, Expression* function) {
    is_definition_ = true;
    assigned(target, function);
    is_definition_ = false;
  }
  // The functions in `value` that have no name yet get one by what the value is assigned to; of a
  // returned value, by its fields alone.
  void assigned(const Expression* target, Expression* value) {
    if (has_functions_) name(value, {.target = target});
  }
  void assigned(const Local* target, Expression* value) {
    if (has_functions_) name(value, {.local = target});
  }
  void returned(Expression* value) {
    if (has_functions_ && value->kind == ExpressionKind::Table) name(value, {});
  }
  // Those among the arguments of a call, by what is called.
  void passed(const Expression* call) {
    if (has_functions_) name_passed(call);
  }

 private:
  // A step on the way from what is assigned to down to a function. None has outer and all parts
  // null.
  struct Step {
    const Step* outer = nullptr;
    const Local* local = nullptr;
    const Expression* target = nullptr;
    const Expression* call = nullptr;
    const Expression* item = nullptr;  // its key, or its value when it has none
  };

  void name_passed(const Expression* call);
  void name(Expression* value, const Step& step);
  void name_items(const TableExpression* table, const Step& step);
  void name_arguments(const ExpressionList& arguments, const Step& step);
  static std::string text_of(const Step& step);

  NameTable& names_;
  ChunkStrings& strings_;
  const bool is_luau_;
  bool is_definition_ = false;
  bool has_functions_ = false;
};

}  // namespace moonlet::frontend
