// What the parsers of both languages are made of: tokens, levels, nodes, blocks. Each production is
// its language's own, since lines of instructions and what messages say differ nearly everywhere.
#pragma once

#include <string>
#include <string_view>

#include "frontend/ast.hpp"
#include "frontend/codegen.hpp"
#include "frontend/compile.hpp"
#include "frontend/error_sink.hpp"
#include "frontend/limits.hpp"
#include "frontend/scope.hpp"

namespace moonlet::frontend {

// `Parser` has parse_statements(Block&) and report_depth(), which says that there are too many
// levels, and answers false.
template <typename Parser, typename Lexer>
class ParserBase : public ErrorSink {
 public:
  const std::string& error_message() const { return lexer_.error_message(); }

 protected:
  // `environment`: the name of the upvalue in which globals are looked up.
  ParserBase(std::string_view source, std::string_view chunk_name, const CompileOptions& options,
             NameTable& names, CodeGenerator& generator, Name* environment)
      : arena_(options.pace),
        names_(names),
        generator_(generator),
        lexer_(source, names, chunk_name),
        scope_(arena_, environment, *this),
        self_name_(names.intern("self")),
        hidden_name_(names.intern("(for state)")),
        pace_(options.pace),
        is_prelude_(options.is_prelude) {}

  ~ParserBase() = default;

  // ---- Tokens.
  int kind() const { return lexer_.kind(); }
  bool is(int token) const { return lexer_.kind() == token; }
  bool accept(int token) {
    if (!is(token)) return false;
    lexer_.advance();
    return true;
  }

  // A statement, or an operand.
  void spend() {
    if (pace_ == nullptr) return;
    pace_->spend();
    if (pace_->is_cancelled()) [[unlikely]]
      lexer_.plain_error("cancelled");
  }
  bool enter_level() { return ++depth_ <= kMaxSyntaxLevels || self().report_depth(); }
  void leave_level() { --depth_; }

  // ---- Nodes.
  template <typename T>
  T* make_expression(ExpressionKind expression_kind) {
    T* e = arena_.make<T>();
    e->kind = expression_kind;
    e->line = lexer_.line();
    e->at = lexer_.node_line();
    return e;
  }
  template <typename T>
  T* make_statement(StatementKind statement_kind, std::int32_t line) {
    T* statement = arena_.make<T>();
    statement->kind = statement_kind;
    statement->line = line;
    return statement;
  }
  Expression* make_constant(ExpressionKind constant_kind) {
    return make_expression<Expression>(constant_kind);
  }
  StringExpression* make_string(Name* name) {
    auto* e = make_expression<StringExpression>(ExpressionKind::String);
    e->value = name;
    return e;
  }
  Expression* make_item(Name* name) {
    auto* item = make_expression<NamedItem>(ExpressionKind::NamedItem);
    item->name = name;
    return item;
  }
  Name* join_builtin(std::string_view library, char separator, const Name* member) {
    std::string joined(library);
    joined += separator;
    joined += member->text();
    return names_.intern_copy(joined);
  }

  // ---- Blocks and functions.
  void parse_block(Block& block, Scope::BlockKind block_kind) {
    scope_.open_block(&block, block_kind);
    self().parse_statements(block);
    scope_.close_block();
  }
  void activate_all(Local* first) {
    for (Local* local = first; local != nullptr; local = local->next) scope_.activate(local);
  }
  // The variables that hold a loop's state count as locals and have registers, but no name that a
  // program can write.
  void declare_hidden(Local** locals, int count) {
    for (int i = 0; i < count; ++i) locals[i] = scope_.declare(hidden_name_);
  }
  void finish_function(const FunctionNode* function) {
    scope_.close_function();
    if (!lexer_.has_failed()) generator_.add(function);
  }

  Arena arena_;
  NameTable& names_;
  CodeGenerator& generator_;
  Lexer lexer_;
  Scope scope_;
  Name* self_name_;
  Name* hidden_name_;
  base::Pace* pace_;
  bool is_prelude_;
  int depth_ = 0;

 private:
  Parser& self() { return static_cast<Parser&>(*this); }
};

}  // namespace moonlet::frontend
