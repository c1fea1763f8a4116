// Syntax tree to instructions, one function at a time. Destination-driven: who wants the value of
// an expression says in which register, so that nothing is emitted that has to be patched
// afterwards except the targets of jumps.
//
// Registers: the n variables in scope are in 0 .. n-1, temporaries are stacked above them. A
// destination is either the register of a variable, or the first free register, which the callee
// leaves unreserved and may use for its own temporaries until it writes the result.
//
// Recursion follows the syntactic levels of the parser only; left spines are walked in loops, with
// the nodes to come back to on a stack of their own.
#pragma once

#include <vector>

#include "frontend/compile.hpp"
#include "frontend/emitter.hpp"
#include "frontend/function_names.hpp"

namespace moonlet::frontend {

class CodeGenerator {
 public:
  // `function_count` is a guess.
  CodeGenerator(bytecode::Chunk& chunk, NameTable& names, std::size_t function_count,
                base::Pace* pace, bytecode::Dialect dialect = bytecode::Dialect::Lua54);

  // Makes the code of a function. REQUIRES: that of its inner functions was made. Nothing of the
  // tree is looked at later.
  void add(const FunctionNode* node);
  // After main. False when some function is beyond a bound of the instruction set; see error().
  bool finish(Name* chunk_name);
  const std::string& error() const { return error_; }
  SourcePoint error_point() const { return error_point_; }

 private:
  using Opcode = bytecode::Opcode;

  static constexpr int kOpen = -1;  // as many values as there are
  static constexpr int kNoRegister = -1;
  static constexpr std::uint32_t kNoFunction = UINT32_MAX;

  // Where and, or and comparisons put their value: the register, and the jumps that arrive with the
  // value already in it, or that want true or false loaded.
  struct ValueSink {
    int reg;
    JumpList done;
    JumpList load_true;
    JumpList load_false;
  };
  // A place that is assigned to, with its parts in registers.
  struct Place {
    ExpressionKind kind;
    int object = 0;  // the register of a variable or of a table, or an upvalue
    int key = 0;     // a register, or a small integer
    bool is_small_key = false;
    Name* name = nullptr;
  };
  struct ActiveVariable {
    std::uint32_t debug_index;
    bool needs_close;
  };
  struct Loop {
    Loop* outer;
    int level;  // variables in scope outside of the body
    JumpList breaks;
    JumpList continues;
    int continue_level = 0;  // variables that are there still when the body is left by `continue`
  };

  // Functions (codegen.cpp).
  void generate_function(const FunctionNode* node, bytecode::Function& function);
  void take_children(std::size_t count, bytecode::Function& function);
  void emit_upvalues(const FunctionNode* node, bytecode::Function& function);

  // Variables and blocks (codegen.cpp).
  int variable_count() const { return static_cast<int>(variables_.size()); }
  void activate(Name* name, bool needs_close);
  void activate_locals(const Local* first);
  void activate_hidden(int count, bool last_needs_close);
  void end_variables(int level);
  void block(const Block& block);
  void leave_scope(int level, const Block& block, std::int32_t line);
  void statements(const Block& block);
  bool needs_close_from(int level) const;
  // Closes what a jump out to `level` leaves behind.
  void close_for_jump(int level, std::int32_t line);

  // Statements (codegen_statement.cpp).
  void statement(const Statement* statement);
  void local_statement(const LocalStatement* statement);
  void function_statement(const FunctionStatement* statement);
  void local_function(const LocalFunctionStatement* statement);
  void if_statement(const IfStatement* statement);
  void if_clause(const IfClause* clause, bool is_last, JumpList& escapes);
  void return_statement(const ReturnStatement* statement);
  void emit_return(int first, int count, std::int32_t line);
  bool breaks_need_close() const { return needs_close_from(loop_->level); }
  void break_statement(const Statement* statement);
  void continue_statement(const Statement* statement);
  void goto_statement(const GotoStatement* statement);
  void label_statement(const LabelStatement* statement);

  // Loops (codegen_loop.cpp).
  void while_statement(const WhileStatement* statement);
  void repeat_statement(const RepeatStatement* statement);
  void numeric_for(const NumericForStatement* statement);
  void close_loop(int prepare, int entry, int next, int start, const Block& body);
  void generic_for(const GenericForStatement* statement);
  int begin_iteration(const GenericForStatement* statement, int first, JumpList& skips);

  // Assignments (codegen_assignment.cpp).
  void assignment(const AssignmentStatement* statement);
  void compound_assignment(const CompoundAssignmentStatement* statement);
  void load_place(const Place& place, int reg, std::int32_t line);
  void assign_many(const AssignmentStatement* statement);
  Place prepare_place(Expression* target);
  void save_overwritten(const Place& place, const Expression* target);
  void store(const Place& place, int reg, std::int32_t line);
  void store_value(const Place& place, Expression* value, std::int32_t line);
  // Puts `wanted` values of the list into the next registers, and reserves them.
  void expression_list(const ExpressionList& list, int wanted, SourcePoint end);

  // Expressions (codegen_expression.cpp).
  void make_room(int count, SourcePoint point) {
    if (!code_.ensure_room(count)) [[unlikely]] {
      report_room(point);
    }
  }
  void make_room(int count, const Expression* e) { make_room(count, {e->at, e->next_token}); }
  void report_room(SourcePoint point);
  void to_register(Expression* e, int reg);
  void to_next_register(Expression* e);
  // The register that holds the value: that of a variable, or a new temporary.
  int any_register(Expression* e);
  void load_constant(const Expression* e, int reg);
  void load_variable(const Expression* e, int reg);
  int constant_index(const Expression* e);
  // The index of a constant that fits an operand of 8 bits, or -1.
  int small_constant(const Expression* e);
  void unary(const UnaryExpression* e, int reg);
  void arithmetic(const BinaryExpression* e, int reg);
  int first_operand(const BinaryExpression* e);
  void emit_arithmetic(const BinaryExpression* e, int left, int reg);
  void concat(const BinaryExpression* e, int reg);
  void conditional(const ConditionalExpression* e, int reg);
  void table(const TableExpression* e, int reg);
  void table_field(const Expression* item, int table);

  // Fields and calls (codegen_call.cpp).
  static bool is_small_key(const Expression* key);
  static int small_key(const Expression* key);
  void suffixes(Expression* e, int reg);
  int chain(Expression* e);
  void access(const Expression* e, int object, int reg);
  // Leaves `result_count` values, or all of them, from the first free register up, unreserved.
  void call_results(Expression* e, int result_count);
  void call(Expression* e, int object, int result_count);
  void tail_call(Expression* e);
  int call_operands(Expression* e, int object, int base);
  int arguments(const ExpressionList& list);
  // A call or `...` with `result_count` values from the first free register up.
  void multiple_results(Expression* e, int result_count);

  // Conditions (codegen_condition.cpp).
  // Jumps when the truth of `e` is `sense`, and falls through otherwise.
  void jump_if(Expression* e, bool sense, JumpList& jumps) { branch(e, sense, &jumps, nullptr); }
  // The same, but a jump goes to the sink with the value of `e`.
  void branch(Expression* e, bool sense, JumpList* jumps, ValueSink* sink);
  void branch_logical(Expression* e, bool sense, JumpList* jumps, ValueSink* sink);
  void branch_constant(Expression* e, JumpList* jumps, ValueSink* sink);
  void branch_value(Expression* e, bool sense, JumpList* jumps, ValueSink* sink);
  void compare(const BinaryExpression* e, bool sense, JumpList& jumps);
  void compare_operands(const BinaryExpression* e, int left, bool sense);
  void compare_equal(const BinaryExpression* e, int left, bool sense);
  void compare_order(const BinaryExpression* e, int left, bool sense);
  void logical_value(Expression* e, int reg);
  // True when it falls through with the outcome false and nothing in the register yet.
  bool logical_part(Expression* e, ValueSink& sink);
  void load_outcomes(ValueSink& sink, bool falls_through_false, std::int32_t line);
  int height_with(int reg) const;

  // Which of two rows of opcodes.def.
  Opcode choose(Opcode lua54, Opcode luau) const { return is_luau_ ? luau : lua54; }

  base::Pace* pace_;  // may be null
  const bool is_luau_;
  Emitter code_;
  FunctionNames function_names_;
  bytecode::Chunk& chunk_;
  Name* hidden_name_;
  const FunctionNode* function_ = nullptr;
  Loop* loop_ = nullptr;
  std::vector<ActiveVariable> variables_;
  std::vector<Expression*> spine_;
  std::vector<Place> places_;
  std::vector<std::uint32_t> finished_;  // functions whose parent is not finished, by index
  // What is wrong with the first function, in the order of the source, that has an error.
  std::uint32_t failed_function_ = kNoFunction;
  std::string error_;
  SourcePoint error_point_;
};

}  // namespace moonlet::frontend
