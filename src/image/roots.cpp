#include "image/roots.hpp"

namespace moonlet::image {

using heap::Heap;
using heap::Table;
using heap::Value;

namespace {

Value table_or_nil(Table* table) { return table == nullptr ? Value::nil() : Value::from(table); }
Table* table_of(const Value& value) { return value.is_nil() ? nullptr : value.table(); }

}  // namespace

Roots roots_of(const Heap& heap) {
  Roots roots;
  roots[kRootMain] = Value::from(heap.main_thread);
  roots[kRootCurrent] = Value::from(heap.current_thread);
  roots[kRootGlobals] = Value::from(heap.globals);
  roots[kRootRegistry] = Value::from(heap.registry);
  roots[kRootError] = heap.error;
  for (std::size_t n = 0; n < heap::kBasicTypeCount; ++n) {
    roots[kRootMetatables + n] = table_or_nil(heap.basic_metatables->of[n]);
  }
  return roots;
}

bool is_root(std::size_t number, const Value& value) {
  switch (number) {
    case kRootMain:
    case kRootCurrent:
      return value.is_thread();
    case kRootGlobals:
    case kRootRegistry:
      return value.is_table();
    case kRootError:
      return true;
    default:
      return value.is_table() || value.is_nil();
  }
}

bool set_root(Heap& heap, std::size_t number, const Value& value) {
  switch (number) {
    case kRootMain:
      heap.main_thread = value.thread();
      return true;
    case kRootCurrent:
      heap.current_thread = value.thread();
      return true;
    case kRootGlobals:
      heap.globals = value.table();
      return true;
    case kRootRegistry:
      heap.registry = value.table();
      return true;
    case kRootError:
      heap.error = value;
      return true;
    default:
      return heap.set_basic_metatable(static_cast<heap::BasicType>(number - kRootMetatables),
                                      table_of(value));
  }
}

}  // namespace moonlet::image
