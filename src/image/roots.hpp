// The roots of a Vm that are part of its state, in the order of the format.
#pragma once

#include <array>

#include "vm/vm.hpp"

namespace moonlet::image {

// Main thread, current thread, globals, registry, error, then the metatables of basic types.
inline constexpr std::size_t kRootMain = 0;
inline constexpr std::size_t kRootCurrent = 1;
inline constexpr std::size_t kRootGlobals = 2;
inline constexpr std::size_t kRootRegistry = 3;
inline constexpr std::size_t kRootError = 4;
inline constexpr std::size_t kRootMetatables = 5;
inline constexpr std::size_t kRootCount = kRootMetatables + heap::kBasicTypeCount;

using Roots = std::array<heap::Value, kRootCount>;

// Nil where there is none.
Roots roots_of(const heap::Heap& heap);
// Is the value fit to be that root?
bool is_root(std::size_t number, const heap::Value& value);
// False: no memory.
[[nodiscard]] bool set_root(heap::Heap& heap, std::size_t number, const heap::Value& value);

}  // namespace moonlet::image
