// How a builtin calls a function of the host's.
#pragma once

#include "api/guarded.hpp"
#include "moonlet/host_call.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

class HostCaller {
 public:
  // The first `hidden` arguments are not the function's: the object, the name of a property.
  HostCaller(vm::Vm& vm, vm::Value* args, int count, int hidden = 0);
  // The call sets a property of an object of that type.
  void set_property(std::string_view type, std::string_view name);

  // Calls function(const HostCall&); the builtin's answer.
  template <typename F>
  int call(F&& function) {
    if (!convert_if_needed()) return vm_.failure;
    return answer(guarded<HostResult>([&] { return function(call_); }));
  }

 private:
  // What may fail to become a Value is converted before the host does anything.
  [[nodiscard]] bool convert_if_needed();
  int answer(const HostResult& result);

  vm::Vm& vm_;
  vm::Value* args_;
  int count_;
  HostCall call_;
};

}  // namespace moonlet::api
