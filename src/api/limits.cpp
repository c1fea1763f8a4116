#include "api/limits.hpp"

#include <algorithm>

#include "vm/call.hpp"

namespace moonlet {
namespace api {
namespace {

// Calls visit(public bound, the machine's) for each number.
template <typename PublicLimits, typename Machine, typename Visit>
void for_each_bound(PublicLimits&& limits, Machine& vm, Visit visit) {
  visit(limits.memory_bytes, vm.heap.memory_limit);
  visit(limits.memory_bytes_soft, vm.heap.soft_memory_limit);
  visit(limits.table_slots, vm.heap.table_slots_max);
  visit(limits.fuel, vm.limits.fuel_max);
  visit(limits.run_time_ns, vm.limits.run_time_ns_max);
  visit(limits.deadline_ns, vm.limits.deadline_ns);
  visit(limits.stack_slots, vm.limits.stack_slots_max);
  visit(limits.nesting, vm.limits.native_depth_max);
  visit(limits.string_bytes, vm.limits.string_bytes_max);
  visit(limits.source_bytes, vm.limits.source_bytes_max);
  visit(limits.coroutines, vm.limits.coroutines_max);
}

Limits in_range(const Limits& limits) {
  const Limits defaults;
  Limits out = limits;
  out.table_slots = std::min(limits.table_slots, defaults.table_slots);
  out.string_bytes = std::min(limits.string_bytes, defaults.string_bytes);
  out.stack_slots = std::clamp(limits.stack_slots, 256u, 16'000'000u);
  out.nesting = std::clamp<std::uint16_t>(limits.nesting, 10, 1000);
  return out;
}

}  // namespace

LimitKind public_kind(vm::LimitKind limit) {
#define ML_LIMIT(name, text) \
  static_assert(static_cast<int>(LimitKind::name) == static_cast<int>(vm::LimitKind::name) - 1);
#include "vm/limits.def"
  return static_cast<LimitKind>(static_cast<int>(limit) - 1);
}

Limits limits_of(const vm::Vm& vm) {
  Limits limits;
  for_each_bound(limits, vm, [](auto& to, const auto& from) { to = from; });
  limits.catches_memory_errors = !vm.limits.memory_errors_are_final;
  limits.catches_depth_errors = !vm.limits.depth_errors_are_final;
  return limits;
}

void apply_limits(vm::Vm& vm, const Limits& limits) {
  for_each_bound(in_range(limits), vm, [](const auto& from, auto& to) { to = from; });
  vm.limits.memory_errors_are_final = !limits.catches_memory_errors;
  vm.limits.depth_errors_are_final = !limits.catches_depth_errors;
}

void lower_limits(vm::Vm& vm, const Limits& limits) {
  for_each_bound(in_range(limits), vm, [](const auto& from, auto& to) { to = std::min(from, to); });
  vm.limits.memory_errors_are_final |= !limits.catches_memory_errors;
  vm.limits.depth_errors_are_final |= !limits.catches_depth_errors;
}

}  // namespace api

const char* text_of(LimitKind limit) {
  return vm::limit_text(static_cast<vm::LimitKind>(static_cast<int>(limit) + 1)).data();
}

}  // namespace moonlet
