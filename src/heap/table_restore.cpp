// Rebuilding a table exactly as it was frozen: capacities, places of dead entries and all.
#include "heap/table_writer.hpp"

namespace moonlet::heap {

void table_empty(Heap& heap, Table& table) {
  release_table_parts(heap, table);
  table.array_count = 0;
  table.array_capacity = 0;
  table.array = {};
  table.entries = nullptr;
  table.entry_count = 0;
  table.entry_capacity = 0;
  table.metatable = nullptr;
  table.shape_word = kNoIndex;
}

bool table_restore_fields(Heap& heap, Table& table, std::uint32_t capacity) {
  if (capacity <= table.inline_capacity()) {
    table.fields = table.inline_fields();
  } else if (capacity != 0) {
    table.fields = static_cast<Value*>(heap.allocate_part(table, capacity * sizeof(Value)));
    if (table.fields == nullptr) return false;
  }
  table.entry_capacity = capacity;
  return true;
}

bool table_restore(Heap& heap, Table& table, std::uint32_t array_capacity, Tag packed,
                   std::uint32_t entry_capacity) {
  if (array_capacity != 0) {
    void* block = heap.allocate_part(table, Elements::bytes(array_capacity, packed));
    if (block == nullptr) return false;
    table.array = Elements::at(block, packed);
    table.array_capacity = array_capacity;
  }
  if (entry_capacity != 0) {
    table.entries = static_cast<Entry*>(heap.allocate_part(table, entries_bytes(entry_capacity)));
    if (table.entries == nullptr) return false;
    table.entry_capacity = entry_capacity;
    TableWriter(heap, table).build_index();
  }
  return true;
}

void table_restore_entry(Heap& heap, Table& table, const Value& key, const Value& value) {
  ML_CHECK(table.entry_count < table.entry_capacity);
  if (is_collectable(key.tag()) && key.tag() != Tag::String) heap.identity(key.object);
  TableWriter(heap, table).push_entry(key, value);
}

}  // namespace moonlet::heap
