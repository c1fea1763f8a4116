// How a run of a Vm ended: exactly one of these. All are copies, and need the Vm no more.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "moonlet/value.hpp"

namespace moonlet {

// Identifies a Command for good: the same after a freeze and thaw and after a retry, so that a host
// can do each effect once.
struct CommandId {
  std::string vm;              // id of the Vm
  std::uint64_t sequence = 0;  // counts the answered Commands of that Vm
  std::string text() const { return vm + ":" + std::to_string(sequence); }
  friend bool operator==(const CommandId&, const CommandId&) = default;
};

enum class CommandKind : std::uint8_t {
  Call,    // a suspending host function: `name`, called with `arguments`
  Invoke,  // sys.invoke(name, payload): arguments are the payload, or none
  Emit,    // sys.emit(name, payload): no answer is expected, any will do
  Log,     // sys.log(level, ...): `name` is the level
};

// What a suspended Vm asks of its host.
struct Command {
  CommandId id;
  CommandKind kind = CommandKind::Call;
  std::string name;
  std::vector<Value> arguments;
};

// What the function returned. The Vm is idle, and its globals stay: start() may call another one.
struct Finished {
  std::vector<Value> values;
};
// Vm::resume() or Vm::resume_with_error() has to come before the next run.
struct Suspended {
  Command command;
};
// RunOptions::fuel was used up; Vm::interrupt(); RunOptions::trip_every. The next run goes on.
enum class PreemptReason : std::uint8_t { Fuel, Interrupt, Trip };
struct Preempted {
  PreemptReason reason;
};
// Not yet: no run ends so. At the limit of memory and of call depth the script gets an error, "not
// enough memory" or "stack overflow", which it may catch; fuel and time are the host's to watch, by
// RunOptions::fuel and Vm::interrupt().
enum class LimitKind : std::uint8_t { Memory, Fuel, Time, Depth };
struct LimitHit {
  LimitKind limit;
};
// An error that nothing caught, a result that is no Value, or a run of an idle Vm. As after
// Finished the Vm is idle and can be used.
struct Failed {
  Value error;            // nil when it is no Value
  std::string message;    // the error as text, with its position if it had one
  std::string traceback;  // lines of text; empty when the error has none
};
// Not yet: no run ends so. Vm::raise() is how a host stops a call, which the script may catch.
struct Killed {};
// The script called os.exit.
struct Exited {
  int code = 0;
  bool closes = false;  // it asked for its pending variables and finalizers: Vm::begin_close()
};

using Outcome = std::variant<Finished, Suspended, Preempted, LimitHit, Failed, Killed, Exited>;

}  // namespace moonlet
