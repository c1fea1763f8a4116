// The interpreter loop, generated from opcodes.def. The handlers are in ops/*.inl, one file per
// family; how one reaches the next is decided here and nowhere else:
//
//   tail   every handler is a function that tail-calls the next (clang; preserve_none if it has it)
//   goto   every handler is a label of one function (g++)
//
// A handler sees: vm, pc (after the instruction word), base, k (constants), and ends in ML_NEXT or
// ML_SLOW(function of ops/slow.hpp), which executes the instruction in full.
#include <bit>
#include <cstring>

#include "heap/table_inl.hpp"
#include "vm/arith.hpp"
#include "vm/frames_inl.hpp"
#include "vm/hooks.hpp"
#include "vm/ops/slow.hpp"

namespace moonlet::vm {

using bytecode::Opcode;
using heap::Entry;
using heap::load_fact;
using heap::Site;

namespace {

#define ML_STRINGIZE(x) #x

// Runs a slow path with the registers saved, and once more after a collection when memory lacks.
template <Flow (*kSlow)(Vm&, Instruction)>
ML_COLD bool run_slow(Vm& vm, const Instruction* pc, Value* base) {
  const Instruction i = pc[-1];
  Thread& thread = *vm.thread();
  thread.base = base;
  thread.pc = pc;
  Flow flow = kSlow(vm, i);
  if (is_stop_requested(vm)) cut_slice(vm);
  if (ML_UNLIKELY(flow == Flow::NoMemory)) {
    if (wants_to_go_on(vm)) return start_over(vm) != Flow::Stop;
    switch (collect_to_retry(vm, heap::ThreadEntry::Run)) {
      case Flow::Stop:
        return false;
      case Flow::NoMemory:
        break;
      default:
        flow = kSlow(vm, i);
    }
    if (flow == Flow::NoMemory) {
      // A second growth, of which a piece is done.
      if (wants_to_go_on(vm)) return start_over(vm) != Flow::Stop;
      throw_memory(vm);
      flow = throw_pending(vm);
    }
  }
  return flow != Flow::Stop;
}

// A builtin called by a Call instruction answered something else than a number of results.
ML_COLD bool run_answer(Vm& vm, const Instruction* pc, int answer) {
  return settle_builtin_answer(vm, answer, heap::make_lua_link(pc)) != Flow::Stop;
}
// The same by a TailCall. A first result has taken the link's place.
ML_COLD bool run_tail_answer(Vm& vm, const Instruction* pc, int answer) {
  // What has switched threads needs none.
  if (answer == kReload) return settle_builtin_answer(vm, answer, 0) != Flow::Stop;
  const Value* base = vm.thread()->base - 1 - bytecode::op_a(pc[-1]);
  return settle_builtin_answer(vm, answer, instruction_link(base, pc, bytecode::op_a(pc[-1]))) !=
         Flow::Stop;
}

// Operands are read from the code, each by its own load: that is fewer instructions than taking a
// word apart, and they need not wait for anything. REQUIRES: pc is after the instruction's word.
ML_ALWAYS_INLINE unsigned byte_operand(const Instruction* pc, int n) {
  if constexpr (std::endian::native == std::endian::little) {
    return reinterpret_cast<const std::uint8_t*>(pc - 1)[n];
  } else {
    return pc[-1] >> (8 * n) & 0xff;
  }
}
ML_ALWAYS_INLINE unsigned wide_operand(const Instruction* pc) {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint16_t operand;
    std::memcpy(&operand, reinterpret_cast<const std::uint8_t*>(pc) - 2, 2);
    return operand;
  } else {
    return pc[-1] >> 16;
  }
}
#define ML_A (byte_operand(pc, 1))
#define ML_B (byte_operand(pc, 2))
#define ML_C (byte_operand(pc, 3))
#define ML_BX (wide_operand(pc))
#define ML_SBX (static_cast<std::int16_t>(wide_operand(pc)))
#define RA (base[ML_A])
#define RB (base[ML_B])
#define RC (base[ML_C])
#define KB (k[ML_B])
#define KC (k[ML_C])
#define ML_UPVALUE(n) (*heap::frame_closure(base)->upvalues()[n]->location)

// Instructions whose hooks the generic way knows.
constexpr bool is_call(Opcode op) {
  return op == Opcode::Call || op == Opcode::TForCall || op == Opcode::IterCall ||
         op == Opcode::TailCall;
}

ML_ALWAYS_INLINE bool is_integer(const Value& v) {
  return v.meta == static_cast<std::uint64_t>(Tag::Integer);
}
ML_ALWAYS_INLINE bool is_float(const Value& v) {
  return v.meta == static_cast<std::uint64_t>(Tag::Float);
}

ML_ALWAYS_INLINE void load_entry(Value* to, const Entry* entry) {
  to->bits = entry->value_bits;
  to->meta = entry->word & 0xffffffff000000ffu;
}

// The value that the fact leads to, unless it is nil.
ML_ALWAYS_INLINE bool load_noted_field(Value* to, const Table& t, std::uint64_t fact) {
  if (t.shape_word != fact >> 16) return false;
  const Value* field = &t.fields[fact & 0xffff];
  if (ML_UNLIKELY(field->is_nil())) return false;
  heap::copy(to, field);
  return true;
}
ML_ALWAYS_INLINE Entry* noted_entry(const Table& t, std::uint64_t noted, std::uint64_t key) {
  const std::uint64_t number = noted >> 1;
  if ((noted & t.shape_word & 1) == 0 || number >= t.entry_count) return nullptr;
  Entry* entry = &t.entries[number];
  // A short string's address as the payload of another type of key: look at the tag, too.
  if (entry->key_bits != key || entry->key_tag() != Tag::String || entry->value_is_nil()) {
    return nullptr;
  }
  return entry;
}
ML_ALWAYS_INLINE bool load_noted_entry(Value* to, const Table& t, std::uint64_t noted,
                                       std::uint64_t key) {
  const Entry* entry = noted_entry(t, noted, key);
  if (entry == nullptr) return false;
  load_entry(to, entry);
  return true;
}
// Does a site know that the table lacks its key?
ML_ALWAYS_INLINE bool lacks_noted_key(const Table& t, const Site& site) {
  return t.shape_word == load_fact(site.absent) >> 16 || heap::has_no_fields(t);
}
// REQUIRES: a key of an instruction that names one.
bool lacks_entry(const Table& t, const heap::String* key) {
  return !t.is_shaped() && !key->is_long() && heap::table_find_short(t, key) == nullptr;
}
// What the class of an object that lacks the key has, or the class of that one. False: the site
// does not know.
bool load_inherited(Vm& vm, Value* to, const Table* metatable, const Site& site,
                    std::uint64_t key) {
  const Table* owner = heap::index_table(vm.heap, metatable);
  if (owner == nullptr) return false;
  const std::uint64_t inherited = load_fact(site.inherited);
  if (load_noted_field(to, *owner, inherited) || load_noted_entry(to, *owner, inherited, key)) {
    return true;
  }
  const std::uint64_t other = load_fact(site.other);
  if (owner->shape_word != other >> 16 || (other & 0xffff) != heap::kAbsentSlot) return false;
  if (owner->metatable == nullptr) {
    heap::set_nil(to);
    return true;
  }
  owner = heap::index_table(vm.heap, owner->metatable);
  return owner != nullptr &&
         (load_noted_field(to, *owner, inherited) || load_noted_entry(to, *owner, inherited, key));
}
// Stores over a value that is not nil: no metamethod is asked.
ML_ALWAYS_INLINE bool store_noted_field(Table& t, std::uint64_t fact, const Value& value) {
  if (t.shape_word != fact >> 16 || (t.flags & heap::kTableReadOnly) != 0) return false;
  Value* field = &t.fields[fact & 0xffff];
  if (ML_UNLIKELY(field->is_nil())) return false;
  heap::copy(field, &value);
  return true;
}
ML_ALWAYS_INLINE bool store_noted_entry(Table& t, std::uint64_t noted, std::uint64_t key,
                                        const Value& value) {
  Entry* entry = noted_entry(t, noted, key);
  if (entry == nullptr || (t.flags & heap::kTableReadOnly) != 0) return false;
  entry->set_value(value);
  return true;
}
// The next field of a shape that is known to follow, when there is room and nobody to ask.
ML_ALWAYS_INLINE bool add_noted_field(Table& t, std::uint64_t fact, const Value& value) {
  const auto* next = reinterpret_cast<const heap::Shape*>(fact >> 16);
  const std::uint64_t slot = fact & 0xffff;
  if (next == nullptr || !t.is_shaped() || next->parent != t.shape() || next->count != slot + 1 ||
      slot >= t.entry_capacity || value.is_nil() || (t.flags & heap::kTableReadOnly) != 0) {
    return false;
  }
  if (t.metatable != nullptr && !has_no_event(*t.metatable, Event::NewIndex)) return false;
  heap::copy(&t.fields[slot], &value);
  t.shape_word = fact >> 16;
  return true;
}

// A safepoint: fuel is charged, and when the slice is used up `slow` decides what that means.
// Without it (a preset that measures what it costs) nothing stops a program.
#if MOONLET_UNCHARGED
#define ML_SPEND(units, slow) static_cast<void>(units)
#else
// Is it used up?
ML_ALWAYS_INLINE bool take_fuel(std::int64_t& fuel, std::int64_t units) {
#ifdef __x86_64__
  // Compilers make five instructions of it.
  bool is_negative;
  asm("subq %2, %0" : "+m"(fuel), "=@ccs"(is_negative) : "er"(units));
  return is_negative;
#else
  return (fuel -= units) < 0;
#endif
}

#define ML_SPEND(units, slow)                                   \
  do {                                                          \
    if (ML_UNLIKELY(take_fuel(vm->fuel, units))) ML_SLOW(slow); \
  } while (false)
#endif

void load_packed(Value* to, const heap::Elements& array, std::uint64_t index) {
  to->bits = array.payloads()[index];
  to->meta = static_cast<std::uint64_t>(array.packed());
}

// Position of the frame's Jump word after a Test instruction whose condition holds.
#define ML_TEST(condition)                       \
  do {                                           \
    if ((condition) == (ML_C != 0)) {            \
      asm volatile("");                          \
      const int distance = bytecode::op_sj(*pc); \
      pc += 1 + distance;                        \
      if (distance < 0) {                        \
        ML_SPEND(-distance, ops::back_edge);     \
      }                                          \
      ML_NEXT;                                   \
    }                                            \
    ++pc;                                        \
    ML_NEXT;                                     \
  } while (false)

#if defined(MOONLET_DISPATCH_GOTO) || !defined(__clang__)

#define ML_OP(name) op_##name:
// The rest of a handler, apart from it: what calls a function there would cost the usual case a
// stack frame.
#define ML_PART(name) part_##name:
#define ML_GO(name) goto part_##name
#define ML_NEXT                       \
  do {                                \
    ++pc;                             \
    goto* table[byte_operand(pc, 0)]; \
  } while (false)
#define ML_NEXT_APART ML_NEXT
#define ML_SLOW(function)                                        \
  do {                                                           \
    if (ML_UNLIKELY(!run_slow<function>(*vm, pc, base))) return; \
    goto reload;                                                 \
  } while (false)
// Registers anew, from the current thread.
#define ML_RELOAD goto reload
#define ML_ANSWER(answer)                                  \
  do {                                                     \
    if (ML_UNLIKELY(!run_answer(*vm, pc, answer))) return; \
    goto reload;                                           \
  } while (false)
#define ML_TAIL_ANSWER(answer)                                  \
  do {                                                          \
    if (ML_UNLIKELY(!run_tail_answer(*vm, pc, answer))) return; \
    goto reload;                                                \
  } while (false)

void interpret(Vm* vm) {
  static const void* const kHandlers[256] = {
#define ML_OPCODE(name, ...) &&op_##name,
#include "bytecode/opcodes.def"
  };
  static const void* kHooked[256] = {};
  if (kHooked[0] == nullptr) {
    for (const void*& entry : kHooked) entry = &&op_hook;
  }
  const Instruction* pc;
  Value* base;
  const Value* k;
  const void* const* table;

reload : {
  Thread* thread = vm->thread();
  base = thread->base;
  pc = thread->pc;
  k = heap::frame_closure(base)->proto->constants;
  table = is_hooked(*thread) ? kHooked : kHandlers;
  ML_NEXT;
}

op_hook : {
  Thread* thread = vm->thread();
  thread->base = base;
  thread->pc = pc;
  switch (hook_step(*vm)) {
    case Flow::Next:
      if (is_call(bytecode::opcode(pc[-1]))) {
        ML_SLOW(ops::call_hooked);
      }
      goto* kHandlers[byte_operand(pc, 0)];
    case Flow::Stop:
      return;
    default:
      goto reload;
  }
}

#include "vm/ops/arithmetic.inl"
#include "vm/ops/calls.inl"
#include "vm/ops/control.inl"
#include "vm/ops/loads.inl"
#include "vm/ops/tables.inl"
// These use parts of the others.
#include "vm/ops/luau.inl"
}

#else

#if defined(__has_cpp_attribute) && __has_cpp_attribute(clang::preserve_none)
#define ML_PRESERVE_NONE __attribute__((preserve_none))
#else
#define ML_PRESERVE_NONE
#endif

#define ML_PARAMETERS \
  Vm *vm, const Instruction *pc, Value *base, const Value *k, const void *const *table
#define ML_ARGUMENTS vm, pc, base, k, table
using Handler = ML_PRESERVE_NONE void (*)(ML_PARAMETERS);

#define ML_OP(name) ML_PRESERVE_NONE void op_##name([[maybe_unused]] ML_PARAMETERS)
#define ML_PART(name) ML_PRESERVE_NONE void part_##name([[maybe_unused]] ML_PARAMETERS)
#define ML_GO(name) [[clang::musttail]] return part_##name(ML_ARGUMENTS)
#define ML_NEXT                                                       \
  do {                                                                \
    ++pc;                                                             \
    [[clang::musttail]] return reinterpret_cast<Handler>(             \
        const_cast<void*>(table[byte_operand(pc, 0)]))(ML_ARGUMENTS); \
  } while (false)
// The same, never joined with another one of its handler.
#define ML_NEXT_APART                                                                     \
  do {                                                                                    \
    ++pc;                                                                                 \
    auto next = reinterpret_cast<Handler>(const_cast<void*>(table[byte_operand(pc, 0)])); \
    asm volatile("" : "+r"(next));                                                        \
    [[clang::musttail]] return next(ML_ARGUMENTS);                                        \
  } while (false)
#define ML_SLOW(function) [[clang::musttail]] return op_slow<function>(ML_ARGUMENTS)
#define ML_RELOAD [[clang::musttail]] return op_reload(ML_ARGUMENTS)
#define ML_ANSWER(answer)                                  \
  do {                                                     \
    if (ML_UNLIKELY(!run_answer(*vm, pc, answer))) return; \
    [[clang::musttail]] return op_reload(ML_ARGUMENTS);    \
  } while (false)
#define ML_TAIL_ANSWER(answer)                                  \
  do {                                                          \
    if (ML_UNLIKELY(!run_tail_answer(*vm, pc, answer))) return; \
    [[clang::musttail]] return op_reload(ML_ARGUMENTS);         \
  } while (false)

extern const void* const kHandlers[256];
extern const void* const kHooked[256];

ML_PRESERVE_NONE void op_reload(ML_PARAMETERS) {
  Thread* thread = vm->thread();
  base = thread->base;
  pc = thread->pc;
  k = heap::frame_closure(base)->proto->constants;
  table = is_hooked(*thread) ? kHooked : kHandlers;
  ML_NEXT;
}

template <Flow (*kSlow)(Vm&, Instruction)>
ML_PRESERVE_NONE ML_COLD void op_slow(ML_PARAMETERS) {
  if (ML_UNLIKELY(!run_slow<kSlow>(*vm, pc, base))) return;
  [[clang::musttail]] return op_reload(ML_ARGUMENTS);
}

ML_PRESERVE_NONE ML_COLD void op_hook(ML_PARAMETERS) {
  Thread* thread = vm->thread();
  thread->base = base;
  thread->pc = pc;
  switch (hook_step(*vm)) {
    case Flow::Next:
      if (is_call(bytecode::opcode(pc[-1]))) {
        ML_SLOW(ops::call_hooked);
      }
      [[clang::musttail]] return reinterpret_cast<Handler>(
          const_cast<void*>(kHandlers[byte_operand(pc, 0)]))(ML_ARGUMENTS);
    case Flow::Stop:
      return;
    default:
      [[clang::musttail]] return op_reload(ML_ARGUMENTS);
  }
}

#include "vm/ops/arithmetic.inl"
#include "vm/ops/calls.inl"
#include "vm/ops/control.inl"
#include "vm/ops/loads.inl"
#include "vm/ops/tables.inl"
// These use parts of the others.
#include "vm/ops/luau.inl"

const void* const kHandlers[256] = {
#define ML_OPCODE(name, ...) reinterpret_cast<const void*>(&op_##name),
#include "bytecode/opcodes.def"
};

#define ML_FOUR(x) x, x, x, x
#define ML_SIXTEEN(x) ML_FOUR(x), ML_FOUR(x), ML_FOUR(x), ML_FOUR(x)
#define ML_ALL(x) \
  ML_FOUR(ML_SIXTEEN(x)), ML_FOUR(ML_SIXTEEN(x)), ML_FOUR(ML_SIXTEEN(x)), ML_FOUR(ML_SIXTEEN(x))
const void* const kHooked[256] = {ML_ALL(reinterpret_cast<const void*>(&op_hook))};

void interpret(Vm* vm) { op_reload(vm, nullptr, nullptr, nullptr, nullptr); }

#endif

}  // namespace

void run(Vm& vm) {
  // What a stop has left of a collection.
  if (finish_collection(vm) == Flow::Stop) return;
  if (enter_thread(vm) == Flow::Stop) return;
  interpret(&vm);
  if (vm.outcome != Outcome::Preempted) vm.heap.give_back_all();
}

}  // namespace moonlet::vm
