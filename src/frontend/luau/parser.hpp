// Luau by recursive descent, bounded as the parser of Lua 5.4 is (lua54/parser.hpp). Types are read
// and forgotten. After an error the lexer gives only the end of the source.
//
// An instruction's line is that of the token that begins its expression; of an operator, that of
// the operator; of a call, that where what is called ends.
#pragma once

#include "frontend/luau/lexer.hpp"
#include "frontend/parser_base.hpp"

namespace moonlet::frontend::luau {

class Parser final : public ParserBase<Parser, Lexer> {
 public:
  Parser(std::string_view source, std::string_view chunk_name, const CompileOptions& options,
         NameTable& names, CodeGenerator& generator);

  // As of Lua 5.4's.
  bool parse();
  void late_error(SourcePoint point, std::string_view message) {
    lexer_.error_at(point.line, message);
  }

  void syntax_error(std::string message) override { lexer_.error(message); }
  void semantic_error(std::string message) override { lexer_.error(message); }

 private:
  friend ParserBase;

  // Tokens.
  bool is_word(const Name* word) const { return is(kTokenName) && lexer_.current().name == word; }
  void expect(int token, std::string_view context);
  void expect_closing(int closing, int opening, std::int32_t line);
  Name* expect_name(std::string_view context);
  bool ends_block() const;
  bool report_depth();

  // Statements (parser_statement.cpp).
  void parse_statements(Block& block);
  Statement* parse_statement(bool& is_last);
  Statement* parse_simple_statement(std::int32_t line, bool& is_last);
  Statement* parse_if(std::int32_t line);
  IfClause* parse_if_clause();
  Statement* parse_while(std::int32_t line);
  Statement* parse_do(std::int32_t line);
  Statement* parse_repeat(std::int32_t line);
  void parse_repeat_condition(RepeatStatement* statement);
  Statement* parse_function_statement(std::int32_t line);
  Statement* parse_local(std::int32_t line);
  Statement* parse_local_function(std::int32_t line);
  Statement* parse_return(std::int32_t line);
  Statement* parse_break(std::int32_t line);
  Statement* parse_continue(std::int32_t line);
  bool is_continue();
  bool is_type_declaration();
  Statement* parse_expression_statement(std::int32_t line);
  Statement* parse_assignment(std::int32_t line, Expression* first);
  Statement* parse_compound_assignment(std::int32_t line, Expression* target);
  void check_assignable(const Expression* target);
  Statement* parse_attributed(std::int32_t line);
  void parse_attributes();
  void parse_attribute_list();

  // Loops over ranges and iterators (parser_for.cpp).
  Statement* parse_for(std::int32_t line);
  Statement* parse_numeric_for(std::int32_t line, Name* name);
  Statement* parse_generic_for(std::int32_t line, Name* name);
  void parse_for_body(Block& body, Local* variables);

  // Expressions (parser_expression.cpp).
  Expression* parse_expression();
  Expression* parse_subexpression(int limit);
  Expression* parse_simple();
  Expression* parse_asserted();
  Expression* parse_vararg();
  Expression* parse_conditional();
  Expression* parse_interpolated();
  Expression* parse_primary();
  Expression* parse_suffixed();
  Expression* resolve_name(Name* name, std::int32_t line);
  Expression* parse_field(Expression* object);
  Expression* parse_index(Expression* object);
  Expression* parse_key();
  Expression* parse_method_call(Expression* object);
  Expression* parse_call(Expression* function);
  void parse_arguments(ExpressionList& arguments);
  void parse_expression_list(ExpressionList& list);
  Expression* make_binary(int token, Expression* left, Expression* right, std::int32_t line);
  Expression* make_unary(int token, Expression* operand, std::int32_t line);

  // Tables and functions (parser_constructor.cpp).
  Expression* parse_table();
  Expression* parse_table_item(TableExpression* table, Expression** link);
  FunctionExpression* parse_function(bool is_method, std::int32_t line);
  void parse_parameters(FunctionNode* function, bool is_method);

  // Types (parser_type.cpp).
  void parse_annotation();  // ':' type, if it is there
  void parse_type();
  void parse_simple_type();
  void parse_type_operators();
  void parse_type_reference();
  void parse_table_type();
  void parse_table_type_item();
  void parse_type_list();
  bool parse_type_list_item();
  void parse_function_type();
  void parse_return_type();
  void parse_generics(bool with_defaults);
  void parse_type_arguments();
  void parse_type_argument();
  void parse_type_declaration();

  // A loop that is being read.
  struct Loop {
    Loop* outer;
    FunctionNode* function;
    const Block* body;
    // Of the first `continue` of a repeat loop, which variables are not there yet.
    std::int32_t continue_line = 0;
    std::uint8_t continue_registers = 0;
  };

  Name* format_name_;
  Name* type_word_;
  Name* export_word_;
  Name* continue_word_;
  Name* typeof_word_;
  Name* read_word_;
  Name* write_word_;
  Loop* loop_ = nullptr;
  const Loop* condition_of_ = nullptr;  // the repeat loop whose condition is being read
};

}  // namespace moonlet::frontend::luau
