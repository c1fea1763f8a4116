// Types of host objects, as the Vm and the freezer know them. The embedding API fills the table.
//
// A host object is a userdata whose `type` is a row's number, whose payload has the row's size, and
// whose metatable is the row's. Metatables are shared by all Vms of an engine, and no script ever
// gets to see one: states do not write them.
//
// Objects of a type that wants to know of their end are owned by one Vm (or template), which calls
// release() once for each. An owned object stands in its heap's list of finalizers; one that is not
// owned, or not any more, has kUserdataReleased set and cannot be used.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "heap/heap.hpp"

namespace moonlet::vm {

// Greatest Userdata::type of a host object; the library's own are beyond.
inline constexpr std::uint16_t kHostTypesMax = 0x7fff;

struct HostTypeRow {
  std::string_view name;
  std::uint32_t version = 1;
  std::uint32_t payload_size = 0;
  bool is_handle = false;
  bool is_released = false;  // it wants to know of the end of each object
  heap::Table* metatable = nullptr;
};

// A payload outside of a Vm: the bytes that its type saved, or a handle's number.
struct SavedPayload {
  bool is_number = false;
  std::uint64_t number = 0;
  std::string bytes;
};

// Constant after construction, usable from any thread.
class HostTypes {
 public:
  virtual ~HostTypes() = default;

  // What userdata of type n + 1 are; other numbers are no host type's.
  std::vector<HostTypeRow> rows;

  const HostTypeRow* row_of(const heap::Userdata& object) const {
    const std::size_t n = object.type;
    return n >= 1 && n <= rows.size() ? &rows[n - 1] : nullptr;
  }
  // Userdata::type of the type with this name; 0: none.
  std::uint16_t find(std::string_view name) const;

  // The method of this name, or nil.
  virtual heap::Value method(const heap::Userdata& object, std::string_view name) const = 0;
  // The errors are texts for people. REQUIRES: a host object that has not been released.
  [[nodiscard]] virtual std::expected<SavedPayload, std::string> save(
      const heap::Userdata& object) const = 0;
  // Fills the payload from what a state of that version of the type holds, which may be anything.
  [[nodiscard]] virtual std::expected<void, std::string> restore(heap::Userdata& object,
                                                                 const SavedPayload& saved,
                                                                 std::uint32_t version) const = 0;
  // Tells the host that it is over with the object, once.
  void release(heap::Userdata& object) const;

 private:
  virtual void call_release(heap::Userdata& object) const = 0;
};

struct Vm;
// The row of a host object, or nullptr for any other value.
const HostTypeRow* host_type_of(const Vm& vm, const heap::Value& value);
// A host object with an empty payload, not owned; nullptr: no memory.
[[nodiscard]] heap::Userdata* new_host_object(Vm& vm, std::uint16_t type);
// Makes the Vm its owner, if its type wants one, now that it has its payload.
void own_host_object(Vm& vm, heap::Userdata& object);
// Releases all that the Vm owns, for its end.
void release_host_objects(Vm& vm);
// Are there some that somebody has to release?
bool has_host_objects(const Vm& vm);

}  // namespace moonlet::vm
