// The virtual machine: a heap and what runs in it. An aggregate of parts.
#pragma once

#include <atomic>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "bytecode/chunk.hpp"
#include "bytecode/dialect.hpp"
#include "heap/block_cache.hpp"
#include "heap/heap.hpp"
#include "vm/builtin.hpp"
#include "vm/host.hpp"

namespace moonlet::base {
class Pace;  // pace.hpp
}
namespace moonlet::stdlib {
struct FileTable;  // io_files.hpp
class LoadTask;    // load_task.hpp
}  // namespace moonlet::stdlib

namespace moonlet::vm {

using bytecode::Dialect;
using bytecode::Instruction;
using heap::Closure;
using heap::Event;
using heap::Proto;
using heap::Userdata;

class HostTypes;   // host_types.hpp
struct FrameWalk;  // frame_walk.hpp

// Native functions of an engine, by index. Shared by all its Vms; constant after construction.
struct BuiltinTable {
  std::vector<BuiltinRow> rows;
  // What calls need of the rows, by the same index.
  struct Call {
    BuiltinFn call;
    FastFn fast;
  };
  std::vector<Call> calls;
  void add(const BuiltinRow& row);
  // Those that unwinding and debug know by role.
  struct Roles {
    int pcall = -1, xpcall = -1, closing = -1, next = -1, ipairs_step = -1;
    int resume = -1, resume_wrap = -1, yield = -1;
    int luau_next = -1, luau_ipairs_step = -1, luau_less_equal = -1;
  } roles;
  int find(std::string_view name) const;  // -1: none
  void find_roles();

 private:
  std::size_t slot_of(std::string_view name) const;
  void add_to_index(std::size_t row);

  std::vector<std::uint32_t> index_;  // by hash: row + 1, or 0
};

// Identity numbers: builtins have their index + 1, shared library functions follow, then a Vm's
// own.
inline constexpr std::uint64_t kFirstBaseIdentity = 0x10000;
inline constexpr std::uint64_t kFirstIdentity = 0x100000;

// Userdata::type of what Luau's newproxy() makes: nothing but an identity, and perhaps a metatable.
inline constexpr std::uint16_t kProxyUserdata = 0xfffe;

// How a run ended (DESIGN, "Outcomes").
enum class Outcome : std::uint8_t {
  Finished,   // results in vm.results_count slots from the main thread's slot 0
  Suspended,  // a Command of the host's: vm.command
  Preempted,  // fuel slice used up, interrupt, or a trip was asked for
  Limit,      // vm.limit_hit
  Failed,     // heap.error, vm.traceback
  Killed,
  Exit,  // os.exit: vm.exit_code
};

enum class LimitKind : std::uint8_t {
  None,
#define ML_LIMIT(name, text) name,
#include "vm/limits.def"
};

// What the host asks of a running Vm from any thread.
enum class StopRequest : std::uint8_t { None, Interrupt, Kill };

inline constexpr std::uint64_t kLuauStringBytesMax = std::uint64_t{1} << 30;

struct Limits {
  std::uint32_t stack_slots_max = 200'000;      // per coroutine; "stack overflow"
  std::uint16_t native_depth_max = 200;         // "C stack overflow"
  std::uint64_t string_bytes_max = 0x7fffffff;  // one string
  std::uint64_t source_bytes_max = UINT64_MAX;
  std::uint32_t coroutines_max = UINT32_MAX;   // alive at once
  std::uint64_t fuel_max = UINT64_MAX;         // over all runs
  std::uint64_t run_time_ns_max = UINT64_MAX;  // in runs
  std::int64_t deadline_ns = INT64_MAX;        // since 1970, UTC
  bool memory_errors_are_final = false;        // cannot be caught
  bool depth_errors_are_final = false;         // the same of "stack overflow" of both kinds
};

struct Vm {
  Vm(const BuiltinTable& table, Host& host, const heap::HostAllocator& allocator);
  ~Vm();  // releases its host objects
  // Records of dead Vms are used again. A new expression answers nullptr when there is no memory.
  static void* operator new(std::size_t bytes) noexcept { return heap::allocate_cached(bytes); }
  static void operator delete(void* record, std::size_t bytes) {
    heap::release_cached(record, bytes);
  }

  heap::Heap heap;
  const BuiltinTable& builtins;
  // That of the image: constant once the Vm is made. Handlers choose by opcode and do not look
  // here; what is slow and cold does (texts of errors, the compiler).
  Dialect dialect = Dialect::Lua54;
  Host* host;
  // Prelude function of a builtin (same index), or nil. Shared by all Vms of an engine.
  const std::vector<Value>* delegates;
  Limits limits;

  // How often an access did not know what it found; which of these are noted does not show.
  std::uint32_t unknown_sites = 0;

  // ---- Fuel: `fuel` is the private slice; the sign is tested at safepoints.
  std::int64_t fuel = 0;
  std::uint64_t fuel_budget = UINT64_MAX;  // left beyond the slice
  std::uint64_t fuel_used = 0;             // before the current slice
  std::int64_t slice_size = 0;
  std::atomic<StopRequest>* stop_request = &own_stop_request_;  // any thread may set it
  // Test aid: every safepoint takes the slow path; every n-th stops the run (0: none).
  std::uint64_t trip_every = 0;
  std::uint64_t safepoint_count = 0;
  std::uint64_t run_time_ns = 0;  // while there is a limit to it
  std::int64_t run_started_ns = 0;

  // ---- Between builtins and the interpreter.
  Value* call_slot = nullptr;
  int call_count = 0;
  int failure = kThrow;
  bool resumed_ok = true;  // for the resume functions of coroutine builtins: no error arrived
  // The text of heap.error, when there was no memory for it; step_throw() of call.cpp collects and
  // tries again. Null for other errors.
  std::unique_ptr<std::string> unmade_error;
  // heap.error is memory_message, raised by throw_memory(): no message handler is asked.
  bool is_out_of_memory = false;
  LimitKind error_limit = LimitKind::None;  // heap.error says that this one was hit
  std::unique_ptr<FrameWalk> frame_walk;    // one that waits; not part of a state
  // What a stop in collect_to_retry() has left to be started over; not part of a state.
  const bytecode::Instruction* retried_pc = nullptr;
  std::uint64_t retried_at = 0;  // fuel_position() then
  bool retries_builtin = false;
  std::uint64_t memory_errors = 0;   // raised by throw_memory() so far; not part of a state
  String* memory_message = nullptr;  // "not enough memory"; a root
  String* error_message = nullptr;   // "error in error handling"; a root
  // Compiles source text, behind which stands a zero byte; set by the layer that knows the front
  // ends.
  std::expected<bytecode::Chunk, std::string> (*compile)(Dialect dialect, std::string_view source,
                                                         std::string_view name,
                                                         base::Pace* pace) = nullptr;

  // ---- How the run ended.
  Outcome outcome = Outcome::Finished;
  LimitKind limit_hit = LimitKind::None;
  std::uint32_t results_count = 0;
  std::unique_ptr<std::string> traceback;  // Failed
  int exit_code = 0;
  bool exit_closes = false;  // os.exit(code, true): run pending closes and finalizers first

  // ---- Random generator (xoshiro256**), part of the state.
  std::uint64_t random_state[4] = {1, 2, 3, 4};

  bool warnings_on = false;

  Value close_state = Value::nil();  // prelude: runs what is left of finalizers; a root

  std::unique_ptr<heap::EventNames> own_event_names;  // make_names()

  const HostTypes* host_types = nullptr;  // null: there are none

  // Open files of the io library, made when the first one is used; the host's, not part of the
  // state.
  std::unique_ptr<stdlib::FileTable, void (*)(stdlib::FileTable*)> files{nullptr, nullptr};
  // What compiles long sources, made when the first one is loaded; not part of the state.
  std::unique_ptr<stdlib::LoadTask, void (*)(stdlib::LoadTask*)> load_task{nullptr, nullptr};

  // Opaque to this layer: the embedding API's own record of this Vm.
  void* host_context = nullptr;

  Thread* thread() const { return heap.current_thread; }
  // All fuel that was used. No instruction is executed twice at the same position.
  std::uint64_t fuel_position() const {
    return fuel_used + static_cast<std::uint64_t>(slice_size - fuel);
  }

 private:
  std::atomic<StopRequest> own_stop_request_{StopRequest::None};
};

inline bool is_stop_requested(const Vm& vm) {
  return ML_UNLIKELY(vm.stop_request->load(std::memory_order_relaxed) != StopRequest::None);
}

// Makes the strings that every Vm has: event names and messages. False: out of memory.
[[nodiscard]] bool make_names(Vm& vm);
// The same for a Vm that stands on the permanent objects of another one.
void share_names(Vm& vm, const Vm& library);

// Runs the current thread until something of Outcome happens.
void run(Vm& vm);

}  // namespace moonlet::vm
