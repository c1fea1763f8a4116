// Bounds of a Vm. Each is part of its state, together with what was used of it so far.
#pragma once

#include <cstdint>

namespace moonlet {

enum class LimitKind : std::uint8_t {
  Memory,      // "not enough memory"
  Fuel,        // stops
  Time,        // stops
  Deadline,    // stops
  Depth,       // "stack overflow"
  Nesting,     // "C stack overflow"
  StringSize,  // "resulting string too large"
  TableSize,   // "table too large"
  SourceSize,  // "chunk is too large"
  Coroutines,  // "too many coroutines"
};
// "memory limit", "deadline" ...
const char* text_of(LimitKind limit);

// Fuel, time and deadline stop the program between two steps: nothing of it is called, nothing can
// be caught, and when the host has raised the limit it goes on. The others are errors of the
// program, which it may catch unless the host forbids it; one that nobody catches ends the call.
// Either way the outcome is LimitHit.
//
// Who catches such an error can go on. When the memory limit was hit, the program may use 8 KiB
// beyond it, until a collection finds that it is below again; when stack_slots was, there are 8,192
// more, until the error is caught. A second hit in there is an error again. As in Lua, xpcall's
// message handler is not called for lack of memory.
struct Limits {
  // Logical: what was allocated and not yet found dead, the same on every platform. A request
  // beyond it fails only after a full collection. From the soft one on the collector runs more
  // often.
  std::uint64_t memory_bytes = UINT64_MAX;
  std::uint64_t memory_bytes_soft = UINT64_MAX;
  // Units of work over all runs, about one an instruction. Exceeded by at most what lies between
  // two safepoints.
  std::uint64_t fuel = UINT64_MAX;
  // Inside of Vm::run(), summed up, by Host::steady_ns(). Looked at every 4,096 units of fuel.
  std::uint64_t run_time_ns = UINT64_MAX;
  // By Host::time_ns(), since 1970 (UTC). Looked at as often.
  std::int64_t deadline_ns = INT64_MAX;
  std::uint32_t stack_slots = 200'000;  // of one coroutine; 256 to 16,000,000
  std::uint16_t nesting = 200;          // callbacks, resumes and closes in each other; 10 to 1,000
  std::uint64_t string_bytes = 0x7fffffff;  // of one string
  std::uint64_t table_slots = 1ull << 30;   // capacity of a table's array, and of its other fields
  std::uint64_t source_bytes = UINT64_MAX;  // of one chunk given to load
  std::uint32_t coroutines = UINT32_MAX;    // alive at once, the main one not counted
  bool catches_memory_errors = true;
  bool catches_depth_errors = true;  // Depth and Nesting
  friend bool operator==(const Limits&, const Limits&) = default;
};

}  // namespace moonlet
