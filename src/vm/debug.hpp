// What the debug library, error messages and tracebacks know of frames, functions and names.
#pragma once

#include <string>

#include "vm/call.hpp"

namespace moonlet::vm {

// A frame as scripts count levels: frames inside prelude functions are one level with them.
struct Level {
  Thread* thread = nullptr;
  Value* base = nullptr;            // as it executes
  const Instruction* pc = nullptr;  // of the instruction it is in; null for builtins
  bool is_tail_called = false;
  std::uint64_t link = 0;
  std::uint64_t above = 0;  // link of the frame on top of it; 0: it is on top
  Value* limit = nullptr;   // end of its slots: function slot of the frame above, or the top
  bool is_builtin() const { return heap::frame_is_builtin(base); }
  Value function() const { return heap::frame_function(base); }
};
// Level 0 is the function that runs. False: no such level.
bool find_level(Vm& vm, Thread& thread, int level, Level& out);
bool next_level(Vm& vm, Level& level);
// The level that called this one, prelude internals included; false: none.
bool physical_caller(Vm& vm, const Level& level, Level& caller);

bool looks_native(const Value& function);  // builtins and prelude functions
// Is this a builtin or prelude function that a prelude function called for its own ends, hence not
// a level of its own? Natives that a script handed to the prelude are. `base` is the true base of a
// frame that was, or is about to be, entered by `link`.
bool is_prelude_internal(const Value& function, Value* base, std::uint64_t link);
// Does the instruction of a prelude function call what the prelude itself names?
bool calls_own_function(const Proto& proto, const Instruction* call);
// The function as scripts know it: of the prelude's part of a builtin, the builtin.
Value visible_function(Vm& vm, const Value& function);
int current_line(const Level& level);  // -1 when unknown
std::int32_t line_of(const Proto& proto, const Instruction* pc);
std::string short_source(const Proto& proto);
// In at most size - 1 bytes.
inline constexpr std::size_t kLua54SourceSize = 60;
inline constexpr std::size_t kLuauSourceSize = 256;
std::string short_source(std::string_view chunk_name, std::size_t size);

// The name by which the function of `level` was called, from the calling instruction.
struct FunctionName {
  std::string name;
  std::string_view kind;  // "global", "local", "method", "field", "upvalue", "metamethod", "for
                          // iterator", "hook", ""
};
FunctionName called_name(Vm& vm, const Level& level);
// "string.gsub" for a function found in a loaded module, else "".
std::string library_name(Vm& vm, const Value& function);
// Name of the local variable number n (from 1) active at pc; empty: none.
std::string_view local_name(const Proto& proto, int number, std::uint32_t position);
// " (local 'x')" and the like for a value that is in a register, upvalue or constant of the
// current instruction of the frame on top; empty if unknown.
std::string describe_operand(Vm& vm, const Value* operand);

// A local variable, temporary value or extra argument of a level.
struct Local {
  std::string_view name;  // "(temporary)", "(C temporary)", "(vararg)" when it has none
  Value* slot = nullptr;  // null: no value is defined there now, which reads as nil
  bool is_writable = false;
};
// Number n from 1 up, or from -1 down for extra arguments. False: there is none.
bool find_local(Vm& vm, const Level& level, int number, Local& out);
// Arguments or results, as numbers of locals, of the event that a hook reports for this level.
struct TransferredValues {
  int first = 0;
  int count = 0;
};
TransferredValues transferred_values(const Level& level);

// "field 'invoke'", "function <file:3>", "main chunk": what a traceback calls the level's function.
std::string describe_function(Vm& vm, const Level& level);
// A line of a traceback.
void add_level(Vm& vm, const Level& level, std::string& out);
// "source:line: " of the level, empty for builtins.
std::string where(const Level& level);
std::string where(Vm& vm, Thread& thread, int level);

// ---- Errors of operations. All set heap.error and answer kThrow.
int throw_call_error(Vm& vm, const Value& value);
int throw_close_error(Vm& vm, std::uint32_t slot_number);
int throw_operand_error(Vm& vm, const Value* operand, std::string_view operation);
int throw_arithmetic_error(Vm& vm, const Value* a, const Value* b, Event event);
int throw_concat_error(Vm& vm, const Value* a, const Value* b);
int throw_compare_error(Vm& vm, const Value& a, const Value& b);
int throw_luau_order_error(Vm& vm, const Value& a, const Value& b, std::string_view symbol);
int throw_index_error(Vm& vm, const Value* object, const Value& key);
// For a write to a read-only table.
int throw_readonly_error(Vm& vm, const Value* object, const Value& key);
int throw_for_error(Vm& vm, const Value& value, std::string_view what);
// Message with position of the current Lua instruction.
int throw_here(Vm& vm, std::string_view message);
// The text of Luau for these, and what it calls the type of a value there.
std::string luau_type_name(Vm& vm, const Value& value);
std::string luau_arithmetic_text(Vm& vm, const Value& a, const Value& b, Event event);
std::string luau_index_text(Vm& vm, const Value& object, const Value& key);
void warn_of_finalizer(Vm& vm, const Value& error);

}  // namespace moonlet::vm
