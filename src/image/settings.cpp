#include "image/settings.hpp"

#include <iterator>

#include "image/state_format.hpp"

namespace moonlet::image {

using vm::Vm;

namespace {

template <typename T>
std::uint64_t word(T value) {
  return static_cast<std::uint64_t>(value);
}

struct Row {
  SettingRule rule;
  std::uint64_t (*get)(const Vm&);
  void (*set)(Vm&, std::uint64_t);
};

// A field of the Vm that is set as it was read.
#define ML_SETTING(name, is_signed, max, field)                                          \
  Row {                                                                                  \
    {name, is_signed, max}, [](const Vm& vm) { return word(vm.field); },                 \
        [](Vm& vm, std::uint64_t to) { vm.field = static_cast<decltype(vm.field)>(to); } \
  }

constexpr std::uint64_t kAny = UINT64_MAX;
constexpr auto kLimitMax = static_cast<std::uint64_t>(vm::LimitKind::Coroutines);
constexpr auto kOutcomeMax = static_cast<std::uint64_t>(vm::Outcome::Exit);

constexpr Row kRows[] = {
    ML_SETTING("next identity", false, kIdentityMax + 1, heap.next_identity),
    ML_SETTING("estimate", false, kAny, heap.estimate),
    ML_SETTING("debt", true, std::uint64_t{1} << 60, heap.debt),
    ML_SETTING("pause", true, INT32_MAX, heap.pause_percent),
    ML_SETTING("step multiplier", true, INT32_MAX, heap.step_multiplier),
    ML_SETTING("step size", true, INT32_MAX, heap.step_size_log2),
    ML_SETTING("collector mode", false, 1, heap.mode),
    ML_SETTING("collector stopped", false, 1, heap.is_stopped_by_user),
    ML_SETTING("in a finalizer", false, 1, heap.is_stopped_internally),
    ML_SETTING("random word 1", false, kAny, random_state[0]),
    ML_SETTING("random word 2", false, kAny, random_state[1]),
    ML_SETTING("random word 3", false, kAny, random_state[2]),
    ML_SETTING("random word 4", false, kAny, random_state[3]),
    ML_SETTING("warnings", false, 1, warnings_on),
    // What the slice under way has used counts; the next run begins with a new slice.
    {{"fuel used", false, kAny},
     [](const Vm& vm) { return vm.fuel_used + word(vm.slice_size - vm.fuel); },
     [](Vm& vm, std::uint64_t to) {
       vm.fuel_used = to;
       vm.fuel = 0;
       vm.slice_size = 0;
     }},
    ML_SETTING("safepoints", false, kAny, safepoint_count),
    ML_SETTING("outcome", false, kOutcomeMax, outcome),
    ML_SETTING("memory limit", false, kAny, heap.memory_limit),
    ML_SETTING("fuel budget", false, kAny, fuel_budget),
    ML_SETTING("stack limit", false, 16'000'000, limits.stack_slots_max),
    ML_SETTING("soft memory limit", false, kAny, heap.soft_memory_limit),
    ML_SETTING("table limit", false, std::uint64_t{1} << 30, heap.table_slots_max),
    ML_SETTING("string limit", false, 0x7fffffff, limits.string_bytes_max),
    ML_SETTING("source limit", false, kAny, limits.source_bytes_max),
    ML_SETTING("nesting limit", false, 1000, limits.native_depth_max),
    ML_SETTING("coroutine limit", false, UINT32_MAX, limits.coroutines_max),
    ML_SETTING("fuel limit", false, kAny, limits.fuel_max),
    ML_SETTING("run time limit", false, kAny, limits.run_time_ns_max),
    ML_SETTING("run time", false, kAny, run_time_ns),
    ML_SETTING("deadline", true, INT64_MAX, limits.deadline_ns),
    {{"memory errors", false, 3},
     [](const Vm& vm) {
       return word(vm.limits.memory_errors_are_final) | word(vm.heap.reserve_is_open) << 1;
     },
     [](Vm& vm, std::uint64_t to) {
       vm.limits.memory_errors_are_final = (to & 1) != 0;
       vm.heap.reserve_is_open = (to & 2) != 0;
     }},
    ML_SETTING("depth errors final", false, 1, limits.depth_errors_are_final),
    ML_SETTING("limit of the error", false, kLimitMax, error_limit),
    ML_SETTING("limit hit", false, kLimitMax, limit_hit),
};
static_assert(std::size(kRows) == kSettingCount, "settings.hpp says how many there are");

#undef ML_SETTING

}  // namespace

const SettingRule& setting_rule(std::size_t number) { return kRows[number].rule; }

Settings settings_of(const Vm& vm) {
  Settings settings;
  for (std::size_t n = 0; n < kSettingCount; ++n) settings[n] = kRows[n].get(vm);
  return settings;
}

void apply_settings(Vm& vm, const Settings& settings) {
  for (std::size_t n = 0; n < kSettingCount; ++n) kRows[n].set(vm, settings[n]);
}

}  // namespace moonlet::image
