// Frozen states: a Vm as bytes, in the format of docs/formats/state.md.
//
// freeze() collects in full first: a state holds no garbage, and freezing is a collection point for
// the original too. Objects are numbered in the order in which a walk from the roots finds them, so
// equal programs give equal bytes, wherever their objects lie.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vm/vm.hpp"

namespace moonlet::image {

inline constexpr std::uint64_t kStateVersion = 1;

// Objects that exist in every Vm of an engine and are never written: prelude functions. States name
// them by position; `fingerprint` tells whether two engines mean the same.
struct BaseObjects {
  std::vector<heap::Object*> objects;
  std::uint64_t fingerprint = 0;
};

struct FreezeOptions {
  // Open files travel as their handle numbers: the process stays the same.
  bool carry_handles = false;
};

// What could not be frozen, and where it hangs: "an open file at globals.log.file".
struct FreezeError {
  std::string message;
};

[[nodiscard]] std::expected<std::string, FreezeError> freeze(vm::Vm& vm, const BaseObjects& base,
                                                             const FreezeOptions& options = {});

// Fills a bare Vm (no roots yet). The error says what is wrong and at which offset.
[[nodiscard]] std::expected<void, std::string> thaw(vm::Vm& vm, const BaseObjects& base,
                                                    std::string_view state);

}  // namespace moonlet::image
