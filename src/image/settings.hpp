// The numbers of a Vm that are part of its state, in the order of the format.
#pragma once

#include <array>
#include <cstdint>

#include "vm/vm.hpp"

namespace moonlet::image {

inline constexpr std::size_t kSettingCount = 34;
inline constexpr std::size_t kNextIdentity = 0;

// As 64-bit words; what each of them is stands in settings.cpp.
using Settings = std::array<std::uint64_t, kSettingCount>;

struct SettingRule {
  const char* name;  // for errors
  bool is_signed;    // the word is an std::int64_t, from -max to max
  std::uint64_t max;
};
const SettingRule& setting_rule(std::size_t number);

Settings settings_of(const vm::Vm& vm);
// REQUIRES: each word keeps its rule.
void apply_settings(vm::Vm& vm, const Settings& settings);

}  // namespace moonlet::image
