// How a run of a Vm ended: exactly one of these. All are copies, and need the Vm no more.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "moonlet/limits.hpp"
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
  // sys.all, sys.settle and sys.race (`name` is which) wait for one of several invocations to end.
  // Arguments: a list of those that are out, each {n, name, payload}, and the sequence number of
  // the Command that asked for them first, nil when it is this one. The answer is four values: n of
  // the one that has ended; whether it has a result; that, or its error; and the number of the
  // first Command. The other invocations come again in the next Command of all and settle, also
  // after a freeze; CommandId{vm, first}.text() + "." + n identifies an invocation for good.
  Await,
  Sleep,  // sys.sleep(seconds): arguments are the seconds, and when they are over (Host::time)
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
// An error that nothing caught, a result that is no Value, or a run of an idle Vm. As after
// Finished the Vm is idle and can be used.
struct Failed {
  Value error;            // nil when it is no Value
  std::string message;    // the error as text, with its position if it had one
  std::string traceback;  // lines of text; empty when the error has none
};
// The call has ended, or, at Fuel, Time and Deadline, waits for a higher limit.
struct LimitHit {
  LimitKind limit;
  Failed error;  // a message at least
};
// By Vm::kill(). Nothing will run in this Vm any more.
struct Killed {};
// The script called os.exit.
struct Exited {
  int code = 0;
  bool closes = false;  // it asked for its pending variables and finalizers: Vm::begin_close()
};

using Outcome = std::variant<Finished, Suspended, Preempted, LimitHit, Failed, Killed, Exited>;

// The error that ended the call, or the limit's that stopped it; nullptr: neither.
inline const Failed* error_of(const Outcome& outcome) {
  if (const auto* hit = std::get_if<LimitHit>(&outcome)) return &hit->error;
  return std::get_if<Failed>(&outcome);
}

}  // namespace moonlet
