// Lua 5.4 by recursive descent. The depth of the recursion is bounded by counting syntactic levels
// as the reference implementation does; chains of suffixes and of left-associative operators are
// loops.
//
// After an error the lexer gives only the end of the source, so that every production comes to its
// end; what it returns then is never looked at.
#pragma once

#include "frontend/lua54/lexer.hpp"
#include "frontend/parser_base.hpp"

namespace moonlet::frontend::lua54 {

class Parser final : public ParserBase<Parser, Lexer> {
 public:
  Parser(std::string_view source, std::string_view chunk_name, const CompileOptions& options,
         NameTable& names, CodeGenerator& generator);

  // Gives each function to the generator when its end has been read, and forgets its tree. False
  // after an error.
  bool parse();

  // What only the code generator finds.
  void late_error(SourcePoint point, std::string_view message) {
    lexer_.late_error(point, message);
  }

  void syntax_error(std::string message) override { lexer_.syntax_error(message); }
  void semantic_error(std::string message) override { lexer_.semantic_error(message); }

 private:
  friend ParserBase;

  // Tokens.
  void expect(int token) {
    if (!accept(token)) [[unlikely]] {
      missing(token);
    }
  }
  void expect_closing(int closing, int opening, std::int32_t line) {
    if (!accept(closing)) [[unlikely]] {
      missing_closing(closing, opening, line);
    }
  }
  Name* expect_name() {
    if (!is(kTokenName)) [[unlikely]] {
      missing(kTokenName);
      return self_name_;
    }
    Name* name = lexer_.current().name;
    lexer_.advance();
    return name;
  }
  void missing(int token);
  void missing_closing(int closing, int opening, std::int32_t line);
  bool ends_block(bool until_too) const;
  bool report_depth();

  // Statements (parser_statement.cpp).
  void parse_statements(Block& block);
  Statement* parse_statement();
  Statement* parse_simple_statement(std::int32_t line);
  Statement* parse_if(std::int32_t line);
  IfClause* parse_if_clause();
  Statement* parse_while(std::int32_t line);
  Statement* parse_do(std::int32_t line);
  Statement* parse_repeat(std::int32_t line);
  Statement* parse_function_statement(std::int32_t line);
  Statement* parse_local(std::int32_t line);
  Statement* parse_local_function(std::int32_t line);
  Attribute parse_attribute();
  void finish_local(LocalStatement* statement);
  Statement* parse_return(std::int32_t line);
  Statement* parse_break();
  Statement* parse_goto();
  Statement* parse_label(std::int32_t line);
  Statement* parse_expression_statement(std::int32_t line);
  Statement* parse_assignment(std::int32_t line, Expression* first);
  void check_assignable(Expression* target);
  void check_not_constant(const Local* local);

  // Loops over ranges and iterators (parser_for.cpp).
  Statement* parse_for(std::int32_t line);
  Statement* parse_numeric_for(std::int32_t line, Name* name);
  Statement* parse_generic_for(std::int32_t line, Name* name);
  void parse_for_body(Block& body, Local* variables, std::int32_t& do_line);

  // Expressions (parser_expression.cpp).
  Expression* parse_expression();
  Expression* parse_subexpression(int limit);
  Expression* parse_simple();
  Expression* parse_suffixed();
  Expression* parse_primary();
  Expression* parse_vararg();
  Expression* resolve_name(Name* name);
  Expression* parse_field(Expression* object);
  Expression* parse_index(Expression* object);
  Expression* parse_key();
  Expression* parse_method_call(Expression* object);
  Expression* parse_call(Expression* function);
  void parse_arguments(ExpressionList& arguments);
  void parse_expression_list(ExpressionList& list);
  Expression* parse_table();
  Expression* parse_table_item(TableExpression* table, Expression** link);
  FunctionExpression* parse_function(bool is_method, std::int32_t line);
  void parse_parameters(FunctionNode* function, bool is_method);
  Expression* make_binary(int token, Expression* left, Expression* right, std::int32_t line);
  Expression* make_unary(int token, Expression* operand, std::int32_t line);

  // The compile-time constant that the last name stood for, and the expression made for it.
  const Local* constant_variable_ = nullptr;
  const Expression* constant_expression_ = nullptr;
};

}  // namespace moonlet::frontend::lua54
