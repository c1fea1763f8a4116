#include "api/host_caller.hpp"

#include "api/convert.hpp"
#include "api/vm_record.hpp"
#include "vm/call.hpp"

namespace moonlet::api {

HostCaller::HostCaller(vm::Vm& vm, vm::Value* args, int count, int hidden)
    : vm_(vm), args_(args), count_(count) {
  call_.record_ = &VmRecord::of(vm);
  call_.arguments_ = args;
  call_.hidden_ = static_cast<std::size_t>(hidden);
  call_.count_ = static_cast<std::size_t>(count > hidden ? count - hidden : 0);
}

void HostCaller::set_property(std::string_view type, std::string_view name) {
  call_.type_ = type;
  call_.property_ = name;
}

namespace {

bool always_converts(vm::Vm& vm, const vm::Value& value) {
  return value.tag() <= heap::Tag::Float || value.is_string() ||
         vm::host_type_of(vm, value) != nullptr;
}

// As an argument a released object is nil, so that it can still be compared, and closed.
bool is_released(const vm::Value& value) {
  return value.is_userdata() && value.userdata()->is_released();
}

std::expected<std::vector<Value>, std::string> converted(vm::Vm& vm, const vm::Value* arguments,
                                                         std::size_t count) {
  std::vector<Value> values;
  values.reserve(count);
  std::uint64_t left = kHandedOverBytesMax;
  for (std::size_t n = 0; n < count; ++n) {
    if (is_released(arguments[n])) {
      values.emplace_back();
      continue;
    }
    auto value = to_host(vm, arguments[n], "argument " + std::to_string(n + 1), left);
    if (!value) return std::unexpected(value.error());
    values.push_back(std::move(*value));
  }
  return values;
}

}  // namespace

bool HostCaller::convert_if_needed() {
  const vm::Value* arguments = args_ + call_.hidden_;
  bool is_simple = true;
  for (std::size_t n = 0; n < call_.count_; ++n) {
    is_simple = is_simple && always_converts(vm_, arguments[n]);
  }
  if (is_simple) return true;
  auto values = converted(vm_, arguments, call_.count_);
  if (!values) {
    vm::throw_error(vm_, values.error());
    return false;
  }
  call_.values_ = std::move(*values);
  call_.has_values_ = true;
  return true;
}

namespace {

// Results from the function slot up. False: no memory.
bool place_results(vm::Vm& vm, vm::Value* args, const std::vector<Value>& values) {
  vm::Value* slot = args;
  const std::uint32_t number = vm.thread()->number(args);
  if (vm::ensure_stack(vm, slot, values.size() + 1) != vm::StackResult::Ok) return false;
  args = vm.thread()->slot(number);
  ToGuest to_guest(vm);
  std::vector<vm::Value> converted(values.size());
  for (std::size_t n = 0; n < values.size(); ++n) {
    if (!to_guest.convert(values[n], converted[n])) return false;
  }
  for (std::size_t n = 0; n < values.size(); ++n) {
    args[static_cast<std::ptrdiff_t>(n) - 1] = converted[n];
  }
  to_guest.keep();
  return true;
}

}  // namespace

// The function has had its effect: nothing may make it run again.
int HostCaller::answer(const HostResult& result) {
  const HostTypes& types = VmRecord::of(vm_).engine().types();
  if (!result) {
    const Value& error = result.error();
    if (error.string() != nullptr) return vm::throw_error(vm_, *error.string());
    vm::Value converted;
    if (const std::string problem = problem_with(types, error); !problem.empty()) {
      discard(types, error);
      return vm::throw_error(vm_, "the host's error " + problem);
    }
    if (!to_guest_collecting(vm_, error, converted)) {
      discard(types, error);
      return vm::throw_memory(vm_);
    }
    return vm::throw_value(vm_, converted);
  }
  const std::uint32_t number = vm_.thread()->number(args_);
  for (const Value& value : *result) {
    if (const std::string problem = problem_with(types, value); !problem.empty()) {
      for (const Value& each : *result) discard(types, each);
      return vm::throw_error(vm_, "the host's answer " + problem);
    }
  }
  if (!place_results(vm_, args_, *result)) {
    vm::collect_for_memory(vm_, vm::Standing::Inside);
    if (!place_results(vm_, vm_.thread()->slot(number), *result)) {
      for (const Value& value : *result) discard(types, value);
      return vm::throw_memory(vm_);
    }
  }
  return static_cast<int>(result->size());
}

}  // namespace moonlet::api

// ---- What the function sees.

namespace moonlet {

namespace {

const vm::Value& nil() {
  static const vm::Value kNil = vm::Value::nil();
  return kNil;
}

const vm::Value& at(const void* arguments, std::size_t hidden, std::size_t count, std::size_t n) {
  return n < count ? static_cast<const vm::Value*>(arguments)[hidden + n] : nil();
}

}  // namespace

const std::vector<Value>& HostCall::arguments() const {
  if (!has_values_) {
    const auto* arguments = static_cast<const vm::Value*>(arguments_) + hidden_;
    auto values = api::converted(*record_->machine, arguments, count_);
    ML_CHECK(values.has_value());  // else they were converted before the call
    values_ = std::move(*values);
    has_values_ = true;
  }
  return values_;
}

const Value& HostCall::argument(std::size_t n) const {
  static const Value kNil;
  return n < count_ ? arguments()[n] : kNil;
}

void* HostCall::payload(std::size_t n, const PayloadType* type) const {
  const vm::Value& value = at(arguments_, hidden_, count_, n);
  if (!value.is_userdata() || value.userdata()->is_released()) return nullptr;
  const std::uint16_t number = record_->engine().types().find(type);
  return number != 0 && value.userdata()->type == number ? value.userdata()->payload() : nullptr;
}

std::optional<double> HostCall::number(std::size_t n) const {
  const vm::Value& value = at(arguments_, hidden_, count_, n);
  if (value.is_float()) return value.number;
  if (value.is_integer()) return static_cast<double>(value.integer);
  return std::nullopt;
}

std::optional<std::int64_t> HostCall::integer(std::size_t n) const {
  const vm::Value& value = at(arguments_, hidden_, count_, n);
  std::int64_t integer;
  if (!value.is_number() || !vm::number_to_integer(value, integer)) return std::nullopt;
  return integer;
}

std::optional<std::string_view> HostCall::string(std::size_t n) const {
  const vm::Value& value = at(arguments_, hidden_, count_, n);
  if (!value.is_string()) return std::nullopt;
  return value.string()->view();
}

Value HostCall::wrong_argument(std::size_t n, std::string_view expected) const {
  vm::Vm& machine = *record_->machine;
  const auto* arguments = static_cast<const vm::Value*>(arguments_);
  const int count = static_cast<int>(hidden_ + count_);
  const int index = static_cast<int>(hidden_ + n);
  std::string actual = vm::actual_type_name(machine, arguments, count, index);
  if (index < count && api::is_released(arguments[index])) {
    actual = "a released " + actual;
  }
  const std::string text = std::string(expected) + " expected, got " + actual;
  if (!property_.empty()) {
    return "bad value for '" + std::string(property_) + "' of " + std::string(type_) + " (" + text +
           ")";
  }
  return vm::arg_error_text(machine, index, text);
}

void* HostCall::context(const void* type) const {
  return record_->context_type == type ? record_->context : nullptr;
}

}  // namespace moonlet
