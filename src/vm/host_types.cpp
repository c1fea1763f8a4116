#include "vm/host_types.hpp"

#include "vm/vm.hpp"

namespace moonlet::vm {

using heap::Object;

std::uint16_t HostTypes::find(std::string_view name) const {
  for (std::size_t n = 0; n < rows.size(); ++n) {
    if (rows[n].name == name) return static_cast<std::uint16_t>(n + 1);
  }
  return 0;
}

void HostTypes::release(Userdata& object) const {
  const HostTypeRow* row = row_of(object);
  if (row == nullptr || !row->is_released || object.is_released()) return;
  // Set first: what the host does now is the end of it, whatever it throws.
  object.flags |= heap::kUserdataReleased;
  call_release(object);
}

const HostTypeRow* host_type_of(const Vm& vm, const Value& value) {
  if (!value.is_userdata() || vm.host_types == nullptr) return nullptr;
  return vm.host_types->row_of(*value.userdata());
}

Userdata* new_host_object(Vm& vm, std::uint16_t type) {
  const HostTypeRow& row = vm.host_types->rows[type - 1u];
  Userdata* object = vm.heap.new_userdata(row.payload_size, 0);
  if (object == nullptr) return nullptr;
  object->type = type;
  object->metatable = row.metatable;
  if (row.is_released) object->flags |= heap::kUserdataReleased;
  return object;
}

void own_host_object(Vm& vm, Userdata& object) {
  if (!vm.host_types->row_of(object)->is_released) return;
  object.flags &= static_cast<std::uint8_t>(~heap::kUserdataReleased);
  const bool is_registered = vm.heap.register_finalizer(&object);
  ML_CHECK(is_registered);
}

bool has_host_objects(const Vm& vm) {
  if (vm.host_types == nullptr) return false;
  for (const auto* list : {&vm.heap.finalizable, &vm.heap.pending_finalizers}) {
    for (Object* object : *list) {
      if (object->kind != heap::Kind::Userdata) continue;
      const auto& userdata = *static_cast<Userdata*>(object);
      if (vm.host_types->row_of(userdata) != nullptr && !userdata.is_released()) return true;
    }
  }
  return false;
}

void release_host_objects(Vm& vm) {
  if (vm.host_types == nullptr) return;
  for (const auto* list : {&vm.heap.finalizable, &vm.heap.pending_finalizers}) {
    for (Object* object : *list) {
      if (object->kind == heap::Kind::Userdata) {
        vm.host_types->release(*static_cast<Userdata*>(object));
      }
    }
  }
}

}  // namespace moonlet::vm
