// Values between a Vm and its host.
#pragma once

#include <expected>
#include <string>

#include "api/host_types.hpp"
#include "moonlet/value.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

// What one call, return or error hands over to the host. Tables and strings that are shared become
// a copy at each place, so that a small script can stand for more than any machine has. A constant:
// an error that depended on the memory or on a limit could come up when a state is thawed.
inline constexpr std::uint64_t kHandedOverBytesMax = std::uint64_t{256} << 20;

// A list for a table with the keys 1 .. n (holes are nil), a record for one with names, a map for
// others; an empty table is an empty record. Metatables do not count. The error names the place
// below `name`, as in "payload.items[2] is a function". `left`: how many bytes it may take, less
// what it took.
[[nodiscard]] std::expected<Value, std::string> to_host(vm::Vm& vm, const vm::Value& value,
                                                        std::string name, std::uint64_t& left);

// Why a Vm cannot hold the value, to stand behind what the value is called: "is nested too deeply".
// Empty: it can.
std::string problem_with(const HostTypes& types, const Value& value);

// Values on their way into a Vm: all of them arrive, or none.
class ToGuest {
 public:
  explicit ToGuest(vm::Vm& vm) : vm_(vm) {}
  // False: out of memory. REQUIRES: no problem_with(value), and no collection since the first.
  [[nodiscard]] bool convert(const Value& value, vm::Value& out);
  // They have arrived: the Vm owns the objects among them. Without this, they never were.
  void keep();

 private:
  [[nodiscard]] bool convert_list(const Value::Array& list, vm::Value& out);
  [[nodiscard]] bool convert_record(const Value::Object& record, vm::Value& out);
  [[nodiscard]] bool convert_map(const Value::Map& map, vm::Value& out);
  [[nodiscard]] bool convert_object(const HostObject& object, vm::Value& out);
  vm::Vm& vm_;
  std::vector<vm::Userdata*> made_;
};

// One of them. False: out of memory.
[[nodiscard]] bool to_guest(vm::Vm& vm, const Value& value, vm::Value& out);
// The same, with a full collection in between if it needs one. REQUIRES: at a checkpoint.
[[nodiscard]] bool to_guest_collecting(vm::Vm& vm, const Value& value, vm::Value& out);
// Releases the objects in a value that was given away and did not arrive.
void discard(const HostTypes& types, const Value& value);

}  // namespace moonlet::api
