#include "vm/vm.hpp"

#include "vm/call.hpp"

namespace moonlet::vm {

int BuiltinTable::find(std::string_view name) const {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (rows[n].name == name) return static_cast<int>(n);
  }
  return -1;
}

Vm::Vm(const BuiltinTable& table, Host& the_host, const heap::HostAllocator& allocator)
    : heap(allocator), builtins(table), host(&the_host) {
  delegates.assign(table.rows.size(), Value::nil());
  roles.pcall = table.find("pcall");
  roles.xpcall = table.find("xpcall");
  roles.closing = table.find("intrinsic.closing");
  roles.resume_wrap = table.find("intrinsic.resume_wrap");
  roles.next = table.find("next");
  roles.ipairs_step = table.find("intrinsic.ipairs_step");
}

bool make_names(Vm& vm) {
  static constexpr std::string_view kNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
  };
  for (int n = 0; n < heap::kEventCount; ++n) {
    vm.heap.event_names[n] = vm.heap.new_string(kNames[n]);
    if (vm.heap.event_names[n] == nullptr) return false;
  }
  vm.memory_message = vm.heap.new_string("not enough memory");
  vm.error_message = vm.heap.new_string("error in error handling");
  if (vm.memory_message == nullptr || vm.error_message == nullptr) return false;
  vm.heap.extra_roots.push_back(Value::from(vm.memory_message));
  vm.heap.extra_roots.push_back(Value::from(vm.error_message));
  return true;
}

}  // namespace moonlet::vm
