#include "vm/vm.hpp"

#include <algorithm>

#include "vm/call.hpp"
#include "vm/frame_walk.hpp"
#include "vm/host_types.hpp"

namespace moonlet::vm {

namespace {

std::size_t hash_of(std::string_view name) {
  std::uint32_t hash = 0;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x01000193u;
  return hash ^ hash >> 15;
}

}  // namespace

// That of the name, or an empty one.
std::size_t BuiltinTable::slot_of(std::string_view name) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = hash_of(name) & mask;
  while (index_[slot] != 0 && rows[index_[slot] - 1u].name != name) slot = (slot + 1) & mask;
  return slot;
}

// Of rows of the same name, the first counts.
void BuiltinTable::add_to_index(std::size_t row) {
  std::uint32_t& entry = index_[slot_of(rows[row].name)];
  if (entry == 0) entry = static_cast<std::uint32_t>(row + 1);
}

void BuiltinTable::add(const BuiltinRow& row) {
  rows.push_back(row);
  calls.push_back({row.call, row.fast});
  if (rows.size() * 2 > index_.size()) {
    index_.assign(std::max<std::size_t>(index_.size() * 2, 512), 0);
    for (std::size_t n = 0; n + 1 < rows.size(); ++n) add_to_index(n);
  }
  add_to_index(rows.size() - 1);
}

int BuiltinTable::find(std::string_view name) const {
  return index_.empty() ? -1 : static_cast<int>(index_[slot_of(name)]) - 1;
}

namespace {
const std::vector<Value> kNoDelegates;
}

void BuiltinTable::find_roles() {
  roles.pcall = find("pcall");
  roles.xpcall = find("xpcall");
  roles.closing = find("intrinsic.closing");
  roles.resume = find("coroutine.resume");
  roles.resume_wrap = find("intrinsic.resume_wrap");
  roles.yield = find("coroutine.yield");
  roles.next = find("next");
  roles.ipairs_step = find("intrinsic.ipairs_step");
  roles.luau_next = find("luau:next");
  roles.luau_less_equal = find("intrinsic.luau_less_equal");
  roles.luau_ipairs_step = find("intrinsic.luau_ipairs_step");
}

Vm::Vm(const BuiltinTable& table, Host& the_host, const heap::HostAllocator& allocator)
    : heap(allocator), builtins(table), host(&the_host), delegates(&kNoDelegates) {}

Vm::~Vm() { release_host_objects(*this); }

bool make_names(Vm& vm) {
  static constexpr std::string_view kNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
  };
  vm.own_event_names = std::make_unique<heap::EventNames>();
  vm.heap.event_names = vm.own_event_names.get();
  for (int n = 0; n < heap::kEventCount; ++n) {
    vm.own_event_names->names[n] = vm.heap.new_string(kNames[n]);
    if (vm.own_event_names->names[n] == nullptr) return false;
  }
  for (int n = 0; n < heap::kBasicTypeCount; ++n) {
    const std::string_view name = heap::basic_type_name(static_cast<heap::BasicType>(n));
    vm.own_event_names->types[n] = vm.heap.new_string(name);
    if (vm.own_event_names->types[n] == nullptr) return false;
  }
  vm.memory_message = vm.heap.new_string("not enough memory");
  vm.error_message = vm.heap.new_string("error in error handling");
  if (vm.memory_message == nullptr || vm.error_message == nullptr) return false;
  vm.heap.extra_roots.push_back(Value::from(vm.memory_message));
  vm.heap.extra_roots.push_back(Value::from(vm.error_message));
  return true;
}

void share_names(Vm& vm, const Vm& library) {
  vm.heap.event_names = library.heap.event_names;
  vm.memory_message = library.memory_message;
  vm.error_message = library.error_message;
}

}  // namespace moonlet::vm
