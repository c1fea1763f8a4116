// The builtins of host types: methods, operators, and access to what is no method.
#include "api/host_caller.hpp"
#include "api/host_types.hpp"
#include "api/vm_record.hpp"

namespace moonlet::api {

namespace {

using Member = HostTypes::Member;

class MemberCall {
 public:
  MemberCall(vm::Vm& vm, vm::Value* args, int count)
      : vm_(vm),
        args_(args),
        count_(count),
        types_(VmRecord::of(vm).engine().types()),
        member_(types_.member(heap::frame_builtin(args))),
        type_(types_.type(member_.type)) {}

  int run() {
    if (member_.kind == Member::Kind::Metamethod) {
      return call(type_.metamethods[member_.number]);
    }
    if (count_ == 0 || !args_[0].is_userdata() || args_[0].userdata()->type != member_.type) {
      return vm::throw_type_error(vm_, args_, count_, 0, type_.name);
    }
    if (member_.kind == Member::Kind::Release) {
      types_.release(self());
      return vm::return_none();
    }
    if (self().is_released()) {
      return vm::throw_error(vm_, "attempt to use a released " + type_.name);
    }
    switch (member_.kind) {
      case Member::Kind::Index:
        return index();
      case Member::Kind::NewIndex:
        return new_index();
      default:
        return call(type_.methods[member_.number].call, HostCaller(vm_, args_, count_, 1));
    }
  }

 private:
  vm::Userdata& self() { return *args_[0].userdata(); }

  int call(const HostType::Function& function, HostCaller&& caller) {
    return caller.call([&](const HostCall& call) { return function(self().payload(), call); });
  }
  int call(const HostType::Metamethod& metamethod) {
    return HostCaller(vm_, args_, count_).call(metamethod.call);
  }

  const HostTypes::Named* named() {
    if (count_ < 2 || !args_[1].is_string()) return nullptr;
    return types_.find_name(member_.type, args_[1].string()->view());
  }

  int index() {
    if (const HostTypes::Named* found = named(); found != nullptr) {
      if (found->property == nullptr) return vm::return_one(args_, found->method);
      return call(found->property->get, HostCaller(vm_, args_, 2, 2));
    }
    const auto* fallback = types_.find_metamethod(member_.type, "__index");
    if (fallback != nullptr) return call(*fallback);
    return vm::return_one(args_, vm::Value::nil());
  }

  std::string key_text() {
    if (count_ < 2) return "?";
    const bool has_text = args_[1].is_string() || args_[1].is_number();
    return has_text ? vm::basic_text(vm_, args_[1])
                    : "a " + std::string(vm::type_name(vm_, args_[1]));
  }

  int new_index() {
    const HostTypes::Named* found = named();
    const auto* fallback = types_.find_metamethod(member_.type, "__newindex");
    if (found == nullptr && fallback != nullptr) return call(*fallback);
    const std::string name = key_text();
    if (found == nullptr) {
      return vm::throw_error(vm_, {"a ", type_.name, " has no property '", name, "'"});
    }
    if (found->property == nullptr || !found->property->set) {
      return vm::throw_error(vm_, {"'", name, "' of ", type_.name, " is read-only"});
    }
    HostCaller caller(vm_, args_, count_, 2);
    caller.set_property(type_.name, name);
    return call(found->property->set, std::move(caller));
  }

  vm::Vm& vm_;
  vm::Value* args_;
  int count_;
  const HostTypes& types_;
  const Member& member_;
  const HostType& type_;
};

}  // namespace

int call_type_member(vm::Vm& vm, vm::Value* args, int count) {
  return MemberCall(vm, args, count).run();
}

}  // namespace moonlet::api
