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
  roles.next = table.find("next");
  roles.ipairs_step = table.find("intrinsic.ipairs_step");
}

}  // namespace moonlet::vm
