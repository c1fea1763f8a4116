#include "vm/vm.hpp"

#include <algorithm>

#include "vm/call.hpp"
#include "vm/frame_walk.hpp"
#include "vm/host_types.hpp"

namespace moonlet::vm {

int BuiltinTable::find(std::string_view name) const {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (rows[n].name == name) return static_cast<int>(n);
  }
  return -1;
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
  roles.next = find("next");
  roles.ipairs_step = find("intrinsic.ipairs_step");
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
