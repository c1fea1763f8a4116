// A coroutine: one growable block of value slots holding all of its frames.
//
// A frame is [function slot][slot 0][slot 1]...; `base` points to slot 0 and base[-1] is the
// function slot: its payload is the Closure (or the builtin's index, always below 65,536), its
// second word the *link*, which says who called, hence where a return goes:
//
//   low 2 bits  rest of the word
//   00 Lua      address of the caller's instruction after its Call or TForCall; the caller's base
//               is base - 1 - A(call)
//   01 LuaTail  the same, and the frame was entered by a tail call
//   10 Vararg   bits 8-31 delta: the true frame is at base - delta, with the link to return by;
//               the extra arguments lie between
//   11 Other    bits 2-5 LinkKind, bits 8-31 delta, bits 32-63 position
//
// Links of kind Other, `caller` being the frame at base - delta:
//   Meta        caller is a Lua frame inside the instruction at `position`: the results complete it
//   Interrupt   caller is a Lua frame before the instruction at `position`: results are dropped
//               (finalizers and hooks); bit 6: the open top ended at this frame's function slot
//   Native      caller is a builtin's frame: its continuation takes the results
//   HookStart   caller is a builtin's frame that has not started: results are dropped, it starts
//   HookReturn  caller is a builtin's frame that has ended with `position` results, which lie just
//               below this frame: results of the hook are dropped, the builtin's are delivered;
//               or a Lua frame inside the TailCall of a builtin at `position`, whose results lie
//               from R[A] to this frame (bit 6 is set): they become the Lua frame's
//   Bottom      no caller: the thread ends
//   Finalizer   as Interrupt, and an error in the callee becomes a warning
//   Handler     an error's message handler on top of the frame that failed, of either kind (a Lua
//               frame is inside the instruction at `position`); its result is the new error value
//   Checked     as Lua or, with bit 7, LuaTail, `position` being that of the caller's next
//               instruction; and what is below it has been looked at: bit 6, it refuses yields
//               (vm/frame_walk.cpp). No part of a state, and plain_link() makes it what it was
// Bit 7 of Other: entered by a tail call.
//
// Liveness: of a Lua frame that is suspended in a Call with operand A, slots 0 .. A-1; before or
// inside any other instruction, slots 0 .. heights[position]-1, or up to the open top. Of a
// builtin's frame, everything up to the next frame's function slot, or up to `top`. Nothing else
// in a stack is ever read.
#pragma once

#include "heap/object.hpp"

namespace moonlet::heap {

struct Heap;

enum class LinkType : std::uint8_t { Lua = 0, LuaTail = 1, Vararg = 2, Other = 3 };
enum class LinkKind : std::uint8_t {
  Meta,
  Interrupt,
  Native,
  HookStart,
  HookReturn,
  Bottom,
  Finalizer,
  Handler,
  Checked
};

inline constexpr std::uint64_t kLinkOpenTop = 1 << 6;
inline constexpr std::uint64_t kLinkTailCalled = 1 << 7;
inline constexpr std::uint64_t kLinkRefusesYields = kLinkOpenTop;  // of Checked

constexpr LinkType link_type(std::uint64_t link) { return static_cast<LinkType>(link & 3); }
constexpr LinkKind link_kind(std::uint64_t link) { return static_cast<LinkKind>((link >> 2) & 15); }
constexpr std::uint32_t link_delta(std::uint64_t link) { return (link >> 8) & 0xffffff; }
constexpr std::uint32_t link_position(std::uint64_t link) {
  return static_cast<std::uint32_t>(link >> 32);
}
constexpr std::uint64_t make_link(LinkKind kind, std::uint64_t delta, std::uint64_t position) {
  return 3 | static_cast<std::uint64_t>(kind) << 2 | delta << 8 | position << 32;
}
constexpr std::uint64_t make_vararg_link(std::uint64_t delta) { return 2 | delta << 8; }
inline const bytecode::Instruction* link_pc(std::uint64_t link) {
  return reinterpret_cast<const bytecode::Instruction*>(link & ~std::uint64_t{3});
}
inline std::uint64_t make_lua_link(const bytecode::Instruction* pc) {
  return reinterpret_cast<std::uintptr_t>(pc);
}

inline constexpr std::uint64_t kBuiltinLimit = 65536;
inline bool frame_is_builtin(const Value* base) { return base[-1].bits < kBuiltinLimit; }
inline std::uint32_t frame_builtin(const Value* base) {
  return static_cast<std::uint32_t>(base[-1].bits);
}
inline Closure* frame_closure(const Value* base) { return static_cast<Closure*>(base[-1].object); }
inline Value frame_function(const Value* base) {
  return frame_is_builtin(base) ? Value::from_builtin(frame_builtin(base))
                                : Value::from(frame_closure(base));
}

constexpr bool is_checked(std::uint64_t link) {
  return link_type(link) == LinkType::Other && link_kind(link) == LinkKind::Checked;
}
// The link of the frame whose true base this is, without what was found out about it.
inline std::uint64_t plain_link(const Value* true_base) {
  const std::uint64_t link = true_base[-1].meta;
  if (ML_LIKELY(!is_checked(link))) return link;
  const Closure* caller = frame_closure(true_base - link_delta(link));
  return make_lua_link(caller->proto->code + link_position(link)) |
         ((link & kLinkTailCalled) != 0 ? 1 : 0);
}

enum class ThreadStatus : std::uint8_t {
  Suspended,  // fresh, or waiting in a yield
  Running,    // the Vm's current thread
  Normal,     // resumed another thread
  Dead,       // returned, or closed
  Failed,     // ended by an error; frames are kept for tracebacks until closed
  Closing,    // its pending variables are being closed by another thread's frame
};

// What has to be done first when this thread runs (again).
enum class ThreadEntry : std::uint8_t {
  Run,           // base is a Lua frame, pc its next instruction
  RunCall,       // the same; pc is a call whose safepoint has been passed
  StartBuiltin,  // base is a builtin's frame with its arguments up to top
  Deliver,       // base is a builtin's frame; its results are the slots from `results_from` to top
  Throw,         // raises Heap::error in the frame on top
  StartCall,     // fresh coroutine: slot 0 is the function, its arguments follow up to top
};

struct Thread : Object {
  Value* stack;
  std::uint32_t stack_size;  // slots
  ThreadStatus status;
  ThreadEntry entry;
  std::uint8_t hook_mask;   // kHook bits
  std::uint8_t hook_stage;  // see vm/hooks.hpp
  // Frame on top. Valid whenever anything but the interpreter's own registers looks at the thread.
  Value* base;
  Value* top;
  const bytecode::Instruction* pc;
  Cell* open_cells;          // by falling slot
  Thread* resumer;           // who resumed this thread, while Running or Normal
  std::uint32_t* tbc_slots;  // rising slot numbers of pending to-be-closed variables
  std::uint32_t tbc_count;
  std::uint32_t tbc_capacity;
  std::uint32_t results_from;     // slot number, for ThreadEntry::Deliver
  std::uint16_t native_depth;     // nested callbacks, closes and handlers of this thread
  std::uint16_t inherited_depth;  // and of those that resumed it, as far as they are limited
  bool in_hook;
  bool open_top;            // ThreadEntry::Run: `top` bounds an open list of values
  bool is_listed;           // of the collector: it will be looked at again
  std::int32_t hook_count;  // as set
  std::int32_t hook_countdown;
  std::uint32_t hook_position;  // of the last instruction that line hooks saw
  // Of the nested ones, what Luau's pcall and xpcall called: no limit of nesting counts them. Told
  // from the frames when a state is thawed.
  std::uint16_t protected_depth;
  std::uint16_t hook_builtin;  // below kBuiltinLimit: its return is about to be reported
  // vm/nested.hpp: slot numbers by depth, from nested_known on. Not charged, no part of a state.
  std::uint16_t nested_capacity;
  std::uint16_t nested_known;
  std::uint32_t* nested_slots;
  Value hook_function;
  Value error;  // of a Failed thread

  Value* slot(std::uint32_t number) { return stack + number; }
  std::uint32_t number(const Value* slot) const { return static_cast<std::uint32_t>(slot - stack); }
  Value* stack_end() const { return stack + stack_size; }
};

// Bytes of an object's own block, without what it refers to.
std::size_t object_bytes(const Object& object);

inline Thread* Value::thread() const { return static_cast<Thread*>(object); }
inline Value Value::from(Thread* t) { return from_object(t, Tag::Thread); }

// Bits of Thread::hook_mask.
inline constexpr std::uint8_t kHookCall = 1;
inline constexpr std::uint8_t kHookReturn = 2;
inline constexpr std::uint8_t kHookLine = 4;
inline constexpr std::uint8_t kHookCount = 8;

// Appends to the thread's list of pending to-be-closed variables; false: no memory.
[[nodiscard]] bool push_tbc(Heap& heap, Thread& thread, std::uint32_t slot_number);
// Room for exactly `capacity` of them in a thread that has none yet.
[[nodiscard]] bool reserve_tbc(Heap& heap, Thread& thread, std::uint32_t capacity);

// Room for more of Thread::nested_slots. False: no memory.
[[nodiscard]] bool reserve_nested(Heap& heap, Thread& thread, std::uint16_t capacity);
void release_nested(Heap& heap, Thread& thread);

// One step of a walk over a thread's frames, from the top down.
struct Frame {
  Value* base = nullptr;           // of the frame as it executes (above its varargs)
  Value* function_slot = nullptr;  // the true one, below the varargs
  Value* true_base = nullptr;      // function_slot + 1
  // Position of the frame: for a Lua frame, of the instruction it is in or before.
  std::uint32_t position = 0;
  bool in_call = false;  // Lua frame suspended in Call or TForCall at `position`
  bool is_builtin = false;
  Value* limit = nullptr;  // end of its live slots
  std::uint64_t link = 0;  // of the true function slot
  Proto* proto() const { return frame_closure(base)->proto; }
};

// The frame on top of `thread` (false when it has none: fresh or dead), and the one below `frame`.
bool top_frame(const Thread& thread, Frame& frame);
bool next_frame(const Thread& thread, Frame& frame);
// A fresh thread's live slots are those below `top`, which hold plain values. So are a dead one's
// while its base is the stack's first slot (results of the main thread); else it has none.
inline bool has_no_frames(const Thread& thread) {
  return thread.status == ThreadStatus::Dead || thread.status == ThreadStatus::Closing ||
         (thread.status == ThreadStatus::Suspended && thread.entry == ThreadEntry::StartCall);
}
inline bool has_plain_slots(const Thread& thread) {
  return thread.status == ThreadStatus::Dead || thread.status == ThreadStatus::Closing
             ? thread.base == thread.stack
             : has_no_frames(thread);
}

struct Heap;

// Makes the stack at least `needed_slots` large, by doubling. Moves it: base, top and the open
// cells follow, other pointers into it do not. New slots are not initialised. False: no memory,
// nothing has changed.
[[nodiscard]] bool grow_stack(Heap& heap, Thread& thread, std::uint32_t needed_slots);
// The same, to exactly that size. REQUIRES: all that is in use fits.
[[nodiscard]] bool resize_stack(Heap& heap, Thread& thread, std::uint32_t slots);
// Gives back what a thread that is not running does not use. Moves the stack, or does nothing.
void shrink_stack(Heap& heap, Thread& thread);
// Cell of a slot, made when there is none; nullptr: no memory.
[[nodiscard]] Cell* find_open_cell(Heap& heap, Thread& thread, Value* slot);
// Makes it as one that was just created, with a stack of that size. Its open cells become closed
// ones with nil. False: no memory, nothing has changed.
[[nodiscard]] bool restart_thread(Heap& heap, Thread& thread, std::uint32_t stack_slots);
// Closes an open cell with nil.
void detach_cell(Cell& cell);
// An open cell lives as long as something refers to it. Its thread does not, but lists it: dead
// cells leave that list together, when the first of them is freed. Cells that outlive their thread
// are closed when it is freed.
void unlist_dead_cells(Heap& heap, Cell& freed);
void close_cells_of_dead(Heap& heap, Thread& freed);
// Closes the cells of all slots from `level` up.
void close_cells(Heap& heap, Thread& thread, Value* level);

}  // namespace moonlet::heap
