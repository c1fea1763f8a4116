// Resolves names while a parser reads them: which variable a name means, in which register it
// lives, which upvalues a function needs, where a goto leads. Working in step with the parser,
// instead of on the finished tree, makes errors come in the order of the source.
//
// Invariant: Name::binding is the innermost visible variable of that name, in whatever function,
// and Name::label the visible label of that name in the innermost function that has one. Leaving a
// block restores what its variables and labels hid.
#pragma once

#include <string>
#include <vector>

#include "frontend/ast.hpp"
#include "frontend/error_sink.hpp"

namespace moonlet::frontend {

class Scope {
 public:
  enum class BlockKind : std::uint8_t { Plain, Loop };

  // `environment` is what programs call the table of globals, if they can.
  Scope(Arena& arena, Name* environment, ErrorSink& errors);

  // The first function opened is main; it gets the upvalue _ENV.
  FunctionNode* open_function(std::int32_t line);
  // The upvalues of the node are valid until the next function is opened.
  void close_function();
  FunctionNode* function() const { return functions_.back().node; }

  // The block must stay in place until it is closed; its variables may outlive it.
  void open_block(Block* block, BlockKind kind);
  void close_block();

  // A variable is declared when its name is read, and visible once activated.
  Local* declare(Name* name);
  void activate(Local* local);
  void activate_constant(Local* local, Expression* value);
  // The rest of the block is in the scope of a variable to be closed.
  void mark_to_be_closed();
  bool is_inside_to_be_closed() const { return blocks_.back().is_inside_to_be_closed; }

  // How many registers the function's variables take that stand outside of the block or directly in
  // it, not in a block inside of it.
  std::uint8_t registers_of(const Block* block) const;
  bool is_inside_loop() const { return blocks_.back().is_inside_loop; }

  // A constant, a Local or an Upvalue; null when the name is free.
  Expression* resolve(Name* name);
  // A free name: a field of _ENV.
  Expression* global(Name* name);
  // The variable behind an expression that was resolved, or null.
  static Local* variable_of(const Expression* expression);

  void add_goto(GotoStatement* statement, Name* name);
  // Reports, at the end of the function, a break that is in no loop.
  void add_break(std::int32_t line);
  Label* add_label(Name* name, std::int32_t line, bool is_last_in_block);
  void check_label_is_new(Name* name);

 private:
  struct FunctionState {
    FunctionNode* node;
    std::size_t first_active;
    int pending_count;  // declared, not yet active
  };
  struct BlockState {
    Block* block;
    std::size_t first_active;
    std::size_t first_label;
    std::size_t first_goto;
    bool is_inside_loop;
    bool is_inside_to_be_closed;
  };
  struct Active {
    Local* local;
    std::uint8_t registers;  // taken by the function's variables up to this one
  };
  struct PendingGoto {
    GotoStatement* statement;  // null for a break
    Name* name;
    std::int32_t line;
    std::int32_t level;
  };

  std::int32_t level() const;
  std::uint8_t register_level(std::int32_t level) const;
  void push_active(Local* local, std::uint8_t registers);
  void resolve_gotos(Label* label);
  void report_jump_into_scope(const PendingGoto& pending);
  void report_unresolved(const PendingGoto& pending);
  void report_limit(const FunctionNode* function, int limit, const char* what);
  int capture(const FunctionNode* function, Local* local);
  int add_upvalue(const FunctionNode* function, Local* local, int index, bool from_parent_register);

  Arena& arena_;
  ErrorSink& errors_;
  Name* environment_name_;
  std::uint32_t function_count_ = 0;
  std::vector<FunctionState> functions_;
  std::vector<std::vector<UpvalueNode>> upvalues_;  // of the open functions, by depth
  std::vector<BlockState> blocks_;
  std::vector<Active> actives_;
  std::vector<Label*> labels_;
  std::vector<PendingGoto> gotos_;
};

}  // namespace moonlet::frontend
