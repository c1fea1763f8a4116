#include "heap/shape.hpp"

#include <algorithm>
#include <cstring>

namespace moonlet::heap {
namespace {

Shape* new_shape(Heap& heap, std::uint32_t count) {
  auto* shape = static_cast<Shape*>(heap.new_object(Kind::Shape, shape_bytes(count)));
  if (shape == nullptr) return nullptr;
  shape->parent = nullptr;
  shape->children = nullptr;
  shape->sibling = nullptr;
  shape->count = count;
  shape->absent_events = 0xffffffff;
  shape->child_count = 0;
  shape->index_slot = kNoSlot;
  std::memset(shape->spare, 0, sizeof shape->spare);
  ++heap.shape_count;
  return shape;
}

void build_index(Shape& shape) {
  const std::uint32_t size = shape_index_size(shape.count);
  if (size == 0) return;
  std::uint8_t* index = shape.index();
  std::memset(index, kNoSlot, size);
  for (std::uint32_t n = 0; n < shape.count; ++n) {
    std::uint32_t i = shape.keys()[n]->hash;
    while (index[i % size] != kNoSlot) ++i;
    index[i % size] = static_cast<std::uint8_t>(n);
  }
}

void note_event(const Heap& heap, Shape& shape, const String* key) {
  if (!key->view().starts_with("__")) return;
  for (int event = 0; event < kEventCount; ++event) {
    if (heap.event_names->names[event] != key) continue;
    shape.absent_events &= ~(1u << event);
    if (event == static_cast<int>(Event::Index)) {
      shape.index_slot = static_cast<std::uint8_t>(shape.count - 1);
    }
  }
}

Shape* find_child(const Heap& heap, const Shape& shape, const String* key) {
  for (Shape* child = shape.children; child != nullptr; child = child->sibling) {
    if (child->keys()[shape.count] == key) return child;
  }
  if (!shape.is_permanent()) return nullptr;
  for (Shape* child : heap.image_children) {
    if (child->parent == &shape && child->keys()[shape.count] == key) return child;
  }
  return nullptr;
}

}  // namespace

Shape* root_shape(Heap& heap) {
  if (heap.root_shape == nullptr) heap.root_shape = new_shape(heap, 0);
  return heap.root_shape;
}

ShapeStep shape_add(Heap& heap, Shape& shape, String* key) {
  ML_ASSERT(!key->is_long());
  if (Shape* child = find_child(heap, shape, key); child != nullptr) return {child};
  if (shape.count >= kShapeKeysMax || heap.shape_count >= kShapesMax ||
      shape.child_count >= kShapeChildrenMax) {
    return {nullptr, true};
  }
  Shape* child = new_shape(heap, shape.count + 1);
  if (child == nullptr) return {};
  child->parent = &shape;
  child->absent_events = shape.absent_events;
  child->index_slot = shape.index_slot;
  std::copy_n(shape.keys(), shape.count, child->keys());
  child->keys()[shape.count] = key;
  note_event(heap, *child, key);
  build_index(*child);
  heap.barrier(child, key);
  heap.barrier(child, &shape);
  if (shape.is_permanent()) {
    heap.image_children.push_back(child);
  } else {
    child->sibling = shape.children;
    shape.children = child;
    ++shape.child_count;
  }
  return {child};
}

void prune_shapes(Heap& heap) {
  if (heap.method_cache != nullptr) *heap.method_cache = {};
  // A dead shape has no parent, by which caches that still name it can tell.
  std::vector<Shape*> alive;
  std::vector<Shape*> dead;
  const auto keep = [&](Shape* shape) {
    (shape->is_white() ? dead : alive).push_back(shape);
    return !shape->is_white();
  };
  if (heap.root_shape != nullptr && !heap.root_shape->is_permanent() && !keep(heap.root_shape)) {
    heap.root_shape = nullptr;
  }
  if (!heap.image_children.empty()) {
    std::erase_if(heap.image_children.get(), [&keep](Shape* shape) { return !keep(shape); });
  }
  while (!alive.empty()) {
    Shape* shape = alive.back();
    alive.pop_back();
    for (Shape** link = &shape->children; *link != nullptr;) {
      Shape* child = *link;
      if (keep(child)) {
        link = &child->sibling;
      } else {
        *link = child->sibling;
        --shape->child_count;
      }
    }
  }
  while (!dead.empty()) {
    Shape* shape = dead.back();
    dead.pop_back();
    shape->parent = nullptr;
    for (Shape* child = shape->children; child != nullptr; child = child->sibling) {
      dead.push_back(child);
    }
    shape->children = nullptr;
  }
}

}  // namespace moonlet::heap
