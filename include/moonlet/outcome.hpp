// How a run of a Vm ended: exactly one of these.
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

struct Finished {
  std::vector<Value> values;
};
struct Suspended {
  Command command;
};
enum class PreemptReason : std::uint8_t { Fuel, Interrupt, Trip };
struct Preempted {
  PreemptReason reason;
};
enum class LimitKind : std::uint8_t { Memory, Fuel, Time, Depth };
struct LimitHit {
  LimitKind limit;
};
struct Failed {
  Value error;          // nil when it is no plain data
  std::string message;  // the error as text
  std::string traceback;
};
struct Killed {};
// The script called os.exit.
struct Exited {
  int code = 0;
  bool closes = false;  // it asked for its pending variables and finalizers: Vm::begin_close()
};

using Outcome = std::variant<Finished, Suspended, Preempted, LimitHit, Failed, Killed, Exited>;

}  // namespace moonlet
