// The syntax tree that all languages share. A parser builds it in an arena with its names already
// resolved (scope.hpp), and the code generator walks it.
//
// Depth: only constructs that the parser counts as a syntactic level may nest through anything but
// the left operand. Left spines (a+b+c..., a.b.c(), a or b or c) have any length; whoever walks the
// tree takes them in a loop.
//
// Lines: debuggers and messages see a line for each instruction, by the rules of the reference
// implementation, where an instruction belongs to the last token read when it is emitted. A node
// carries those lines: `line` is that of its own operation, `at` that of moving its value to where
// the parent wants it (see place_expression).
#pragma once

#include <cstdint>
#include <span>

#include "frontend/name.hpp"

namespace moonlet::frontend {

struct Expression;
struct Statement;
struct FunctionNode;

// ------------------------------------------------------------------------ functions, variables

// Up to where the source had been read: the line, and the offset of the token after that.
struct SourcePoint {
  std::int32_t line = 0;
  std::uint32_t next_token = 0;
};

enum class Attribute : std::uint8_t { None, Constant, Close };

struct Block {
  Statement* first = nullptr;
  Statement* last = nullptr;
  bool needs_close = false;  // a variable of the block is captured or to be closed
  SourcePoint end;           // behind the last statement
};

struct Local {
  Name* name = nullptr;
  FunctionNode* function = nullptr;
  Block* block = nullptr;
  Local* next = nullptr;           // in a declaration
  Local* shadowed = nullptr;       // what the name meant before
  Expression* constant = nullptr;  // the value of a compile-time constant, which has no register
  std::uint32_t captured_by = 0;   // index of the function that did so last (0: none, since main
  std::uint8_t capture_index = 0;  //   captures only _ENV), and as which upvalue
  std::uint8_t reg = 0;
  Attribute attribute = Attribute::None;
};

struct UpvalueNode {
  Local* local = nullptr;
  std::uint8_t index = 0;  // a register of the parent, or one of its upvalues
  bool from_parent_register = false;
};

struct Label {
  Name* name = nullptr;
  FunctionNode* function = nullptr;
  Label* shadowed = nullptr;  // a label of the same name in an enclosing function
  std::int32_t line = 0;
  std::int32_t level = 0;           // variables in scope, compile-time constants counted
  std::uint8_t register_level = 0;  // registers taken by them
  std::int32_t position = -1;       // for the code generator: where it is, once known,
  std::int32_t jumps = -1;          //   and the jumps that wait for that
};

// Its tree, and it with it, lives until its code is made, which is when its end has been read: of
// what stands in it, only what the tree around it refers to by FunctionExpression remains.
struct FunctionNode {
  FunctionNode* parent = nullptr;
  std::uint32_t index = 0;           // in Chunk::functions, which are in the order of the source
  std::uint32_t depth = 0;           // functions around it
  std::uint32_t child_position = 0;  // among the children of the parent
  std::uint32_t child_count = 0;
  std::int32_t line_defined = 0;
  std::int32_t last_line_defined = 0;
  std::int32_t end_line = 0;
  Local* parameters = nullptr;
  std::uint8_t parameter_count = 0;
  bool is_vararg = false;
  bool needs_close = false;  // some variable of the function is captured or to be closed
  std::span<const UpvalueNode> upvalues;  // once all are known
  Block body;
};

// ---------------------------------------------------------------------------------- expressions

enum class ExpressionKind : std::uint8_t {
  Nil,
  False,
  True,
  Integer,
  Float,
  String,
  Builtin,
  Vararg,
  Function,
  Table,
  Local,
  Upvalue,
  Global,
  Field,
  Index,
  Call,
  MethodCall,
  Unary,
  Not,
  Arithmetic,
  Concat,
  Comparison,
  And,
  Or,
  Conditional,
  // In the list of a table's items only, in front of the value that they are for.
  NamedItem,
  KeyedItem,
};

enum class UnaryOperator : std::uint8_t { Minus, BitNot, Length };
// In the order of the arithmetic rows of opcodes.def.
enum class ArithmeticOperator : std::uint8_t {
  Add,
  Sub,
  Mul,
  Mod,
  Pow,
  Div,
  IDiv,
  BAnd,
  BOr,
  BXor,
  Shl,
  Shr,
};
enum class ComparisonOperator : std::uint8_t { Eq, Ne, Lt, Le, Gt, Ge };

struct Expression {
  ExpressionKind kind;
  bool is_parenthesized = false;  // one value exactly, and nothing to assign to
  std::int32_t line = 0;
  std::int32_t at = 0;
  std::uint32_t next_token = 0;  // belongs to `at`
  Expression* next = nullptr;    // in a list
};

struct ExpressionList {
  Expression* first = nullptr;
  Expression* last = nullptr;
  std::uint32_t count = 0;

  void append(Expression* expression) {
    (last != nullptr ? last->next : first) = expression;
    last = expression;
    ++count;
  }
};

struct IntegerExpression : Expression {
  std::int64_t value;
};
struct FloatExpression : Expression {
  double value;
};
struct StringExpression : Expression {
  Name* value;
};
struct BuiltinExpression : Expression {
  Name* name;
  bool is_member;
};
struct FunctionExpression : Expression {
  std::uint32_t index;           // of FunctionNode
  std::uint32_t child_position;  // the same
};
struct LocalExpression : Expression {
  Local* local;
};
struct UpvalueExpression : Expression {
  Local* local;
  std::uint8_t index;
};
// A field of the upvalue _ENV.
struct GlobalExpression : Expression {
  Name* name;
  std::uint8_t environment;
};
struct FieldExpression : Expression {
  Expression* object;
  Name* name;
};
struct IndexExpression : Expression {
  Expression* object;
  Expression* key;
};
struct CallExpression : Expression {
  Expression* function;
  ExpressionList arguments;
};
struct MethodCallExpression : Expression {
  Expression* object;
  Name* name;
  ExpressionList arguments;
  std::int32_t name_line;
};
struct UnaryExpression : Expression {
  Expression* operand;
  UnaryOperator op;
};
// Arithmetic, Concat, Comparison, And, Or; `op` is of the kind's enumeration.
struct BinaryExpression : Expression {
  Expression* left;
  Expression* right;
  std::uint8_t op;

  ArithmeticOperator arithmetic() const { return static_cast<ArithmeticOperator>(op); }
  ComparisonOperator comparison() const { return static_cast<ComparisonOperator>(op); }
};

// if condition then value else otherwise; `otherwise` may be one, too: a chain of any length.
struct ConditionalExpression : Expression {
  Expression* condition;
  Expression* value;
  Expression* otherwise;
};

// Items are {value}, {[key] = value}, {name = value}: large tables are large in memory too, so that
// what has no key is the value alone.
struct NamedItem : Expression {
  Name* name;
};
struct KeyedItem : Expression {
  Expression* key;
};
struct TableExpression : Expression {
  Expression* items;
  std::uint32_t positional_count;
  std::uint32_t field_count;
  std::int32_t end_line;
};

inline bool is_constant(const Expression* e) { return e->kind <= ExpressionKind::Builtin; }
// Says where the value is to go that follows in the list of items.
inline bool is_item_key(const Expression* e) {
  return e->kind == ExpressionKind::NamedItem || e->kind == ExpressionKind::KeyedItem;
}
inline bool is_number(const Expression* e) {
  return e->kind == ExpressionKind::Integer || e->kind == ExpressionKind::Float;
}
inline bool is_call(const Expression* e) {
  return e->kind == ExpressionKind::Call || e->kind == ExpressionKind::MethodCall;
}
// May it give any number of values?
inline bool is_multiple(const Expression* e) {
  return (is_call(e) || e->kind == ExpressionKind::Vararg) && !e->is_parenthesized;
}
inline bool is_assignable(const Expression* e) {
  return e->kind >= ExpressionKind::Local && e->kind <= ExpressionKind::Index &&
         !e->is_parenthesized;
}
// Is nil or false, or is something else for certain?
inline bool is_constant_falsy(const Expression* e) { return e->kind <= ExpressionKind::False; }
inline bool is_constant_truthy(const Expression* e) {
  return is_constant(e) && !is_constant_falsy(e);
}

// Says when the value of `e` goes to its place. A load in parentheses has happened at the
// closing one already.
inline void place_expression(Expression* e, SourcePoint point) {
  if (!e->is_parenthesized || e->kind < ExpressionKind::Upvalue ||
      e->kind > ExpressionKind::Index) {
    e->at = point.line;
    e->next_token = point.next_token;
  }
}

// ---------------------------------------------------------------------------------- statements

enum class StatementKind : std::uint8_t {
  Local,
  Assignment,
  Call,
  Function,
  LocalFunction,
  Do,
  While,
  Repeat,
  If,
  NumericFor,
  GenericFor,
  Return,
  Break,
  Goto,
  Label,
  Continue,
  CompoundAssignment,
};

struct Statement {
  StatementKind kind;
  std::int32_t line = 0;
  Statement* next = nullptr;
};

struct LocalStatement : Statement {
  Local* first;
  std::uint32_t count;
  ExpressionList values;
  SourcePoint end;
  Local* to_close;        // the variable that is marked for it, or null
  bool last_is_constant;  // a compile-time constant, hence without register
};
struct AssignmentStatement : Statement {
  ExpressionList targets;
  ExpressionList values;
  SourcePoint end;
};
// target op= value. `op` is Arithmetic's, or it is a concatenation.
struct CompoundAssignmentStatement : Statement {
  Expression* target;
  Expression* value;
  ArithmeticOperator op;
  bool is_concatenation;
  std::int32_t end_line;
};
struct CallStatement : Statement {
  Expression* call;
};
struct FunctionStatement : Statement {
  Expression* target;
  FunctionExpression* function;
};
struct LocalFunctionStatement : Statement {
  Local* local;
  FunctionExpression* function;
};
struct DoStatement : Statement {
  Block body;
};
struct WhileStatement : Statement {
  Expression* condition;
  Block body;
};
struct RepeatStatement : Statement {
  Block body;
  Expression* condition;
};
struct IfClause {
  IfClause* next;
  Expression* condition;
  Block body;
};
struct IfStatement : Statement {
  IfClause* clauses;
  Block* otherwise;
};
struct NumericForStatement : Statement {
  Expression* start;
  Expression* limit;
  Expression* step;  // null means 1
  Local* variable;
  Block body;
  std::int32_t do_line;
};
struct GenericForStatement : Statement {
  Local* variables;
  std::uint32_t count;
  ExpressionList values;
  Block body;
  std::int32_t do_line;
  std::int32_t call_line;
  std::int32_t end_line;
};
struct ReturnStatement : Statement {
  ExpressionList values;
  bool may_tail_call;
};
struct GotoStatement : Statement {
  Label* label;
};
struct LabelStatement : Statement {
  Label* label;
};

// What a field, an index or a call hangs on, or nullptr: one step down a chain of them.
inline Expression* object_of(const Expression* e) {
  switch (e->kind) {
    case ExpressionKind::Field:
      return static_cast<const FieldExpression*>(e)->object;
    case ExpressionKind::Index:
      return static_cast<const IndexExpression*>(e)->object;
    case ExpressionKind::Call:
      return static_cast<const CallExpression*>(e)->function;
    case ExpressionKind::MethodCall:
      return static_cast<const MethodCallExpression*>(e)->object;
    default:
      return nullptr;
  }
}

}  // namespace moonlet::frontend
