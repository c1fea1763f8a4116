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

// Where keys were found that sites of many kinds of objects have asked for: an object's shape,
// those of the classes above it that lack the key, and of the one that has it. Each is compared
// again at every use, so only a shape whose address another one has got could mislead:
// prune_shapes() empties it.
struct MethodCache {
  static constexpr int kBits = 8;
  static constexpr int kDepthMax = 4;
  struct Place {
    const String* key = nullptr;
    std::uint64_t shapes[kDepthMax] = {};  // Table::shape_word
    std::uint32_t depth = 0;               // of the one that has it: 0 is the object
    std::uint32_t slot = 0;
  };
  Place places[std::size_t{1} << kBits];
  Place& place(const Table& object, const String* key) {
    // By Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4).
    const std::uint64_t bits = reinterpret_cast<std::uintptr_t>(object.metatable) * 3 ^
                               reinterpret_cast<std::uintptr_t>(key) ^ object.shape_word * 5;
    return places[(bits >> 3) * 0x9e3779b97f4a7c15 >> (64 - kBits)];
  }
};

// Takes shapes that were not marked out of the tree. In the atomic phase.
void prune_shapes(Heap& heap);

}  // namespace moonlet::heap
