// Shapes: lists of keys that tables share.
//
// The shapes of a heap are a tree: a key added to a table leads to the child for that key, made
// when there is none. Shapes of an image are permanent and shared by its forks; what a fork adds to
// them is its own. How many a heap may have is bounded; beyond, tables become dictionaries.
#pragma once

#include "heap/heap.hpp"

namespace moonlet::heap {

inline constexpr std::uint32_t kShapesMax = 1024;  // of one heap
inline constexpr std::uint32_t kShapeChildrenMax = 64;

// The slot of a short string, or kNoSlot.
inline std::uint32_t shape_find(const Shape& shape, const String* key) {
  if (shape.count <= kLinearKeys) {
    String* const* keys = shape.keys();
    for (std::uint32_t n = 0; n < shape.count; ++n) {
      if (keys[n] == key) return n;
    }
    return kNoSlot;
  }
  const std::uint8_t* index = shape.index();
  const std::uint32_t mask = shape_index_size(shape.count) - 1;
  for (std::uint32_t i = key->hash;; ++i) {
    const std::uint32_t slot = index[i & mask];
    if (slot == kNoSlot || shape.keys()[slot] == key) return slot;
  }
}

// The heap's shape without keys; nullptr: no memory.
[[nodiscard]] Shape* root_shape(Heap& heap);

// The shape with one key more. `refused`: there may be no further one.
struct ShapeStep {
  Shape* shape = nullptr;  // nullptr: no memory, or refused
  bool refused = false;
};
[[nodiscard]] ShapeStep shape_add(Heap& heap, Shape& shape, String* key);

// Takes shapes that were not marked out of the tree. In the atomic phase.
void prune_shapes(Heap& heap);

}  // namespace moonlet::heap
