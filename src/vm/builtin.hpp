// Native functions of the guest's library, and what they may use.
//
// A builtin gets its arguments in the Vm's own stack (args[0] .. args[count-1]; args[-1] is its
// function slot) and puts its results from args[-1] on, so a single result overwrites the function
// slot: `return return_one(args, v)`. It never calls the interpreter. What needs the script
// (callbacks, metamethods) or may take long is either
//   - written in Lua in stdlib/prelude, the native function answering kDelegate when its fast path
//     does not apply; or
//   - a state machine whose whole state lies in its argument slots: it answers kCall and is called
//     back (`resume`) with the results, or kAgain after a bounded piece of work.
// Between kCall / kAgain and the next activation the Vm may be stopped, frozen and thawed
// elsewhere.
//
// A builtin slot may use the stack up to args + count + kBuiltinSlots. Allocation never collects
// (heap.hpp), so raw pointers are fine inside one activation. An allocation that fails answers
// kNoMemory *before any visible effect*: the activation is then repeated after a collection.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "heap/heap.hpp"
#include "heap/table.hpp"

namespace moonlet::vm {

struct Vm;
using heap::Buffer;
using heap::String;
using heap::Table;
using heap::Tag;
using heap::Thread;
using heap::Value;

// What a builtin answers: a number of results >= 0, or one of these.
inline constexpr int kThrow = -1;     // Vm::heap.error holds the error value
inline constexpr int kNoMemory = -2;  // an allocation failed; nothing has happened yet
inline constexpr int kDelegate =
    -3;                           // run the prelude function of the same name with these arguments
inline constexpr int kCall = -4;  // call vm.call_slot (vm.call_count arguments), then `resume`
inline constexpr int kTailCall = -5;  // the same, and its results are this builtin's results
inline constexpr int kAgain = -6;     // safepoint, then call again with vm.call_count arguments
inline constexpr int kReload = -7;    // frames or threads were switched: enter the current thread
inline constexpr int kStop = -8;      // leave the interpreter: vm.outcome tells the host why

inline constexpr int kYield = -9;  // suspend this coroutine with the values at args (vm.call_count)

inline constexpr int kBuiltinSlots = 24;

using BuiltinFn = int (*)(Vm& vm, Value* args, int count);
// `results` (within the stack, above the builtin's own slots) holds what the callee returned.
using ResumeFn = int (*)(Vm& vm, Value* args, Value* results, int count);
// A call of few values without a frame: slot[0], the function's, becomes the result for the
// arguments behind it, of which there are operands - 1. Does and charges just what the BuiltinFn
// does, without stopping, an error, or a look at the stack. The number of results, 0 or 1; or
// kNotFast: that one has to see to it, nothing has changed.
using FastFn = int (*)(Vm& vm, Value* slot, unsigned operands);
inline constexpr int kNotFast = -1;
// Of functions that switch threads: hand_over() of call.hpp may do it without going through all
// that a call can be.
int hands_over(Vm&, Value*, unsigned);
inline int return_fast(Value* slot, const Value& value) {
  slot[0] = value;
  return 1;
}

// Which library sets hold a builtin: Safe is for agents, All adds the outside world.
enum class LibrarySet : std::uint8_t { Safe, All };
// May a function that a builtin calls yield through it? The Vm could always; scripts of Lua 5.4
// expect to be refused by all but a few.
enum class Callbacks : std::uint8_t { MustNotYield, MayYield };

struct BuiltinRow {
  // Stable name, part of frozen states: "print", "string.rep"; "intrinsic.x" is for the prelude
  // only, "io:read" (method of a file) and the like are not installed in any table by the loader.
  std::string_view name;
  BuiltinFn call;
  ResumeFn resume = nullptr;
  LibrarySet set = LibrarySet::Safe;
  Callbacks callbacks = Callbacks::MustNotYield;
  FastFn fast = nullptr;
};

// ---- Results.
inline int return_none() { return 0; }
inline int return_one(Value* args, const Value& value) {
  args[-1] = value;
  return 1;
}
inline int return_two(Value* args, const Value& first, const Value& second) {
  args[-1] = first;
  args[0] = second;
  return 2;
}
// A new string as the one result, or kNoMemory.
int return_string(Vm& vm, Value* args, std::string_view text);
// For a builtin that must not be started over: collects if memory lacks. nullptr: there is none.
String* new_string_collecting(Vm& vm, std::string_view text);

// ---- Errors. All answer kThrow (or kNoMemory) so that `return throw_...` reads well.
// With position "source:line:" of the function that called the builtin, as luaL_error.
int throw_error(Vm& vm, std::string_view message);
int throw_error(Vm& vm, std::initializer_list<std::string_view> parts);
// "bad argument #i to 'name' (message)", or how Luau says it; index counts from 0 here. Knows about
// Lua 5.4's methods.
int throw_arg_error(Vm& vm, int index, std::string_view message);
// "bad argument #i to 'name' (expected expected, got actual)". index from 0.
int throw_type_error(Vm& vm, Value* args, int count, int index, std::string_view expected);
// The texts of those, without a position.
std::string arg_error_text(Vm& vm, int index, std::string_view message);
std::string type_error_text(Vm& vm, const Value* args, int count, int index,
                            std::string_view expected);
// The same for what is of type `actual`; empty: there is no such argument.
std::string type_error_text(Vm& vm, int index, std::string_view expected, std::string_view actual);
// "nil", "no value", "Vec3" ...: what a builtin got as argument `index`.
std::string actual_type_name(Vm& vm, const Value* args, int count, int index);
int throw_value(Vm& vm, const Value& value);             // no position added
int throw_value_text(Vm& vm, std::string_view message);  // no position added
// "not enough memory": after a full collection, there is still none.
int throw_memory(Vm& vm);

// ---- Arguments. False: the error is set and the builtin has to `return vm.failure;`.
// Indices count from 0. Numbers and strings convert as the manual says (luaL_check...). In Luau a
// number that is not whole is cut towards zero.
[[nodiscard]] bool arg_any(Vm& vm, Value* args, int count, int index);
[[nodiscard]] bool arg_integer_slow(Vm& vm, Value* args, int count, int index, std::int64_t& out);
[[nodiscard]] inline bool arg_integer(Vm& vm, Value* args, int count, int index,
                                      std::int64_t& out) {
  if (ML_UNLIKELY(index >= count || !args[index].is_integer())) {
    return arg_integer_slow(vm, args, count, index, out);
  }
  out = args[index].integer;
  return true;
}
[[nodiscard]] bool arg_number(Vm& vm, Value* args, int count, int index, double& out);
// A number argument is replaced by its string in the slot.
[[nodiscard]] bool arg_string_slow(Vm& vm, Value* args, int count, int index, String*& out);
[[nodiscard]] inline bool arg_string(Vm& vm, Value* args, int count, int index, String*& out) {
  if (ML_UNLIKELY(index >= count || !args[index].is_string())) {
    return arg_string_slow(vm, args, count, index, out);
  }
  out = args[index].string();
  return true;
}
[[nodiscard]] bool arg_table(Vm& vm, Value* args, int count, int index, Table*& out);
[[nodiscard]] bool opt_number(Vm& vm, Value* args, int count, int index, double fallback,
                              double& out);
inline bool is_none(int count, int index) { return index >= count; }
inline bool is_none_or_nil(const Value* args, int count, int index) {
  return index >= count || args[index].is_nil();
}
// Absent or nil gives `fallback`.
[[nodiscard]] inline bool opt_integer(Vm& vm, Value* args, int count, int index,
                                      std::int64_t fallback, std::int64_t& out) {
  if (!is_none_or_nil(args, count, index)) return arg_integer(vm, args, count, index, out);
  out = fallback;
  return true;
}

// ---- Values.
// "%.14g" as the reference prints numbers, ".0" added to integral floats; independent of locale.
inline constexpr int kNumberTextSize = 48;
std::string_view number_text(const Value& number, char (&buffer)[kNumberTextSize]);
// As the Vm's language prints it: the shortest text in Luau.
std::string_view number_text(const Vm& vm, const Value& number, char (&buffer)[kNumberTextSize]);
// The fewest digits that read back as the same number, as Luau prints them.
std::string_view shortest_text(double number, char (&buffer)[kNumberTextSize]);
// A longer string is no number: numerals are read in one step.
inline constexpr std::uint32_t kNumeralBytesMax = 3000;
// Conversions of the language (strings convert to numbers, floats with integral values to
// integers).
bool to_number(const Value& value, Value& number);                  // string or number -> number
bool to_integer(const Value& value, std::int64_t& integer);         // string or number -> integer
bool number_to_integer(const Value& value, std::int64_t& integer);  // no strings
// "nil", "boolean", ..., or the metatable's __name.
std::string_view type_name(Vm& vm, const Value& value);
std::string_view basic_type_name(const Value& value);
// Metamethod of any value, or nil.
Value metamethod(Vm& vm, const Value& value, heap::Event event);
Table* metatable_of(Vm& vm, const Value& value);
// Raw equality of the language (1 == 1.0, long strings by content).
bool raw_equal(const Value& a, const Value& b);
// tostring() without metamethods: "table: 0x..."-like texts carry the identity number. "" and
// vm.failure on lack of memory is impossible: the text is host memory.
std::string basic_text(Vm& vm, const Value& value);

enum class LimitKind : std::uint8_t;
// throw_error() and throw_here() with an error that is the limit's.
int throw_limit(Vm& vm, LimitKind limit, std::string_view message);
int throw_limit_here(Vm& vm, LimitKind limit, std::string_view message);

// ---- Work. Charges fuel for a builtin's work in documented units (one unit is about the work of
// one canonical instruction; bytes are charged 1 unit per 16).
void charge(Vm& vm, std::uint64_t units);
// Is a string hashed, or so short that this takes no time? False: there is more to do, as below.
[[nodiscard]] bool is_ready_as_key(Vm& vm, const Value& key);
// While it lives, a table that is stored into may grow in pieces: a store that answers
// SetResult::NoMemory has then perhaps only begun (heap/table_growth.hpp), and the caller has to
// pass that on as Flow::NoMemory or kNoMemory, to be started over. What the growth has cost is
// charged.
class GrowsInPieces {
 public:
  explicit GrowsInPieces(Vm& vm);
  ~GrowsInPieces();
  GrowsInPieces(const GrowsInPieces&) = delete;
  GrowsInPieces& operator=(const GrowsInPieces&) = delete;

 private:
  Vm& vm_;
};
// How many units a builtin may work in one activation before it must answer kAgain or delegate:
// what takes less than 100,000 instructions whatever the units are (docs/fuel.md).
inline constexpr std::uint64_t kWorkUnits = 1024;

}  // namespace moonlet::vm
