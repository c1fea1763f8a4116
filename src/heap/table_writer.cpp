// Growth of tables. Capacities are functions of the history of operations alone.
#include "heap/table_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace moonlet::heap {
namespace {

constexpr std::uint32_t kArrayCapacityMin = 4;
constexpr std::uint32_t kEntryCapacityMin = 2;
// A gap of at most so many nils is bridged when an element is stored behind the end of the array:
// bounded, because filling it and trimming it again would otherwise be quadratic.
constexpr std::uint64_t kGapMax = 32;

// More than 4/3 of the capacity.
constexpr std::uint32_t index_size(std::uint32_t capacity) {
  if (capacity <= kLinearEntries) return 0;
  return std::bit_ceil(capacity + capacity / 3 + 1);
}

// At least a fifth stays free, so that a table of constant size whose keys come and go is compacted
// once in a while, not at every insertion; for pure growth it doubles.
constexpr std::uint64_t entry_capacity_for(std::uint64_t needed) {
  if (needed == 0) return 0;
  return std::max<std::uint64_t>(std::bit_ceil(needed + needed / 4), kEntryCapacityMin);
}

bool is_element_key(const Entry& entry, std::uint64_t capacity) {
  return entry.key_tag() == Tag::Integer && entry.key_bits - 1 < capacity;
}

std::uint32_t hash_of(const Entry& entry) {
  const Tag tag = entry.key_tag();
  if (tag == Tag::String) return string_hash(*entry.key().string());
  if (is_collectable(tag)) return hash_word(entry.key().object->identity());
  return hash_word(entry.key_bits);
}

// How many integer keys lie in 2^(b-1)+1 .. 2^b, and what that means for the array.
constexpr std::uint64_t kPositionsMax = std::uint64_t{1} << 30;

struct ElementCounts {
  static constexpr int kBits = 31;
  std::uint32_t in_slice[kBits] = {};
  std::uint64_t total = 0;

  void add(std::uint64_t position) {
    if (position >= kPositionsMax) return;
    ++in_slice[std::bit_width(position)];
    ++total;
  }
  // The largest power of two n such that more than half of 1 .. n are in use.
  std::uint32_t best_capacity() const {
    std::uint64_t best = 0, seen = 0;
    for (int bit = 0; bit < kBits; ++bit) {
      const std::uint64_t size = std::uint64_t{1} << bit;
      if (total <= size / 2) break;
      seen += in_slice[bit];
      if (seen > size / 2) best = size;
    }
    return static_cast<std::uint32_t>(best);
  }
};

}  // namespace

std::size_t entries_bytes(std::uint32_t capacity) {
  return capacity * sizeof(Entry) + index_size(capacity) * sizeof(std::uint32_t);
}

namespace {

void release_fields(Heap& heap, Table& table) {
  if (table.entry_capacity == 0 || table.has_inline_fields()) return;
  heap.release(table.fields, table.entry_capacity * sizeof(Value));
}

}  // namespace

void release_table_parts(Heap& heap, Table& table) {
  if (table.array_capacity != 0) {
    heap.release(table.array, table.array_capacity * sizeof(Value));
  }
  if (table.is_shaped()) {
    release_fields(heap, table);
  } else if (table.entry_capacity != 0) {
    heap.release(table.entries, entries_bytes(table.entry_capacity));
  }
}

// ---- New keys.

bool TableWriter::insert(const Value& key, const Value& value) {
  if (table.is_shaped() && !leave_shape(1)) return false;
  if (key.is_object() && !key.is_string()) heap.identity(key.object);
  if (table.entry_count == table.entry_capacity && !rehash(key)) return false;
  push_entry(key, value);
  return true;
}

bool TableWriter::insert_integer(std::int64_t key, const Value& value) {
  const std::uint64_t position = static_cast<std::uint64_t>(key) - 1;
  const auto fits_array = [&] {
    return position < table.array_capacity && position - table.array_count <= kGapMax;
  };
  if (!fits_array()) {
    if (table.is_shaped()) {
      if (extend_array(key)) {
        put_element(position, value);
        return true;
      }
      if (!leave_shape(1)) return false;
    }
    const bool is_next = position == table.array_count;
    if (is_next || table.entry_count == table.entry_capacity) {
      if (!rehash(Value::from(key))) return false;
      if (position < table.array_capacity) {
        put_element(position, value);
        return true;
      }
    }
    push_entry(Value::from(key), value);
    return true;
  }
  put_element(position, value);
  return true;
}

// Stores a new element within the array's capacity; what lies between its end and the element, or
// follows, comes along from the dictionary.
void TableWriter::put_element(std::uint64_t position, const Value& value) {
  ML_ASSERT(position < table.array_capacity);
  for (std::uint64_t i = table.array_count; i < position; ++i) table.array[i] = take_element(i);
  table.array[position] = value;
  table.array_count = std::max(table.array_count, static_cast<std::uint32_t>(position + 1));
  heap.barrier_back(&table, value);
  pull_elements();
}

// An element's value from the dictionary, which loses it; nil if it is not there.
Value TableWriter::take_element(std::uint64_t position) {
  Entry* entry = table_find_integer(table, static_cast<std::int64_t>(position + 1));
  if (entry == nullptr) return Value::nil();
  const Value value = entry->value();
  bury(*entry);
  heap.table_moved(table);
  return value;
}

bool TableWriter::set_list(std::uint32_t first, const Value* values, std::uint32_t count) {
  const std::uint64_t end = std::uint64_t{first} + count;
  if (end > table.array_capacity) {
    if (is_too_large(end)) return false;
    if (!reserve_array(static_cast<std::uint32_t>(end - table.array_count))) return false;
  }
  for (std::uint64_t i = table.array_count; i < first; ++i) table.array[i] = take_element(i);
  for (std::uint32_t i = 0; i < count; ++i) {
    take_element(first + i);
    table.array[first + i] = values[i];
  }
  table.array_count = std::max(table.array_count, static_cast<std::uint32_t>(end));
  trim_array();
  pull_elements();
  heap.barrier_back(&table);
  return true;
}

void TableWriter::pull_elements() {
  while ((table.flags & kTableIntegerEntries) != 0 && table.array_count < table.array_capacity) {
    Entry* entry = table_find_integer(table, std::int64_t{table.array_count} + 1);
    if (entry == nullptr || entry->value_is_nil()) return;
    table.array[table.array_count++] = entry->value();
    bury(*entry);
    heap.table_moved(table);
  }
}

void TableWriter::push_entry(const Value& key, const Value& value) {
  ML_ASSERT(table.entry_count < table.entry_capacity);
  const std::uint32_t number = table.entry_count++;
  Entry& entry = table.entries[number];
  entry.word = 0;
  entry.set_value(value);
  // Booleans carry no payload.
  entry.set_key(key.tag() <= Tag::True ? 0 : key.bits, key.tag());
  if (table.index_mask() != kNoIndex) {
    std::uint32_t* index = table.index();
    std::uint32_t i = hash_of(entry) & table.index_mask();
    while (index[i] != kNoEntry) i = (i + 1) & table.index_mask();
    index[i] = number;
  }
  if (key.is_string()) table.set_absent_events(0);
  if (key.is_integer()) table.flags |= kTableIntegerEntries;
  heap.barrier_back(&table, key);
  heap.barrier_back(&table, value);
}

void TableWriter::trim_array() {
  std::uint32_t count = table.array_count;
  while (count > 0 && table.array[count - 1].is_nil()) --count;
  table.array_count = count;
}

void TableWriter::bury(Entry& entry) {
  entry.set_value(Value::nil());
  entry.set_key(0, Tag::DeadKey);
}

// ---- Shapes.

bool TableWriter::add_field(String* key, const Value& value) {
  if (!table.is_shaped()) {
    Shape* root = root_shape(heap);
    if (root == nullptr) return false;
    table.shape_word = reinterpret_cast<std::uintptr_t>(root);
    heap.barrier_back(&table);
  }
  const std::uint32_t count = table.shape()->count;
  if (count == table.entry_capacity) {
    if (!grow_fields()) return false;
    if (!table.is_shaped()) return insert(Value::from(key), value);
  }
  const ShapeStep step = shape_add(heap, *table.shape(), key);
  if (step.shape == nullptr) {
    return step.refused && leave_shape(1) && insert(Value::from(key), value);
  }
  table.fields[count] = value;
  table.shape_word = reinterpret_cast<std::uintptr_t>(step.shape);
  heap.barrier_back(&table);
  return true;
}

// As a dictionary would: one with nils is compacted here, and forgets their places.
bool TableWriter::grow_fields() {
  const std::uint32_t count = table.shape()->count;
  const auto nils = std::count_if(table.fields, table.fields + count,
                                  [](const Value& value) { return value.is_nil(); });
  if (nils != 0) return leave_shape(1);
  const auto capacity = static_cast<std::uint32_t>(entry_capacity_for(std::uint64_t{count} + 1));
  if (capacity <= table.inline_capacity()) {
    table.fields = table.inline_fields();
    table.entry_capacity = capacity;
    return true;
  }
  auto* fields = static_cast<Value*>(heap.allocate(capacity * sizeof(Value)));
  if (fields == nullptr) return false;
  if (count != 0) {
    std::memcpy(static_cast<void*>(fields), table.fields, count * sizeof(Value));
  }
  release_fields(heap, table);
  table.fields = fields;
  table.entry_capacity = capacity;
  return true;
}

// The order of iteration must not tell which of the two a table is: with room left, fields that are
// nil keep their places as entries do, and without, they lose them as in a rehash.
bool TableWriter::leave_shape(std::uint32_t extra) {
  const Shape& shape = *table.shape();
  const auto live =
      static_cast<std::uint64_t>(std::count_if(table.fields, table.fields + shape.count,
                                               [](const Value& value) { return !value.is_nil(); }));
  const bool has_room = table.entry_capacity - shape.count >= extra;
  const std::uint64_t capacity = has_room ? table.entry_capacity : entry_capacity_for(live + extra);
  if (is_too_large(capacity)) return false;
  Entry* entries = nullptr;
  if (capacity != 0) {
    entries =
        static_cast<Entry*>(heap.allocate(entries_bytes(static_cast<std::uint32_t>(capacity))));
    if (entries == nullptr) return false;
  }
  Value* fields = table.fields;
  const std::size_t released = table.has_inline_fields() ? 0 : table.entry_capacity * sizeof(Value);
  table.entries = entries;
  table.entry_count = 0;
  table.entry_capacity = static_cast<std::uint32_t>(capacity);
  table.shape_word = kNoIndex;
  build_index();
  for (std::uint32_t n = 0; n < shape.count; ++n) {
    if (has_room || !fields[n].is_nil()) push_entry(Value::from(shape.keys()[n]), fields[n]);
  }
  if (released != 0) heap.release(fields, released);
  heap.table_moved(table);
  return true;
}

// ---- Rehash.

struct TableWriter::Plan {
  std::uint32_t array_capacity = 0;
  std::uint64_t element_end = 0;  // largest element number that will be in the array
  bool changes_entries = false;
  std::uint64_t entry_capacity = 0;
  bool drops_elements = false;  // some elements leave the array
};

TableWriter::Plan TableWriter::make_plan(const Value& key) const {
  ElementCounts counts;
  for (std::uint32_t i = 0; i < table.array_count; ++i) {
    if (!table.array[i].is_nil()) counts.add(i);
  }
  const Entry* end = table.entries + table.entry_count;
  if ((table.flags & kTableIntegerEntries) != 0) {
    for (const Entry* entry = table.entries; entry != end; ++entry) {
      if (!entry->value_is_nil() && entry->key_tag() == Tag::Integer) {
        counts.add(entry->key_bits - 1);
      }
    }
  }
  if (key.is_integer()) counts.add(key.bits - 1);

  Plan plan;
  plan.array_capacity = counts.best_capacity();
  if (plan.array_capacity != 0) {
    plan.array_capacity = std::max(plan.array_capacity, kArrayCapacityMin);
  }
  const bool key_is_element = key.is_integer() && key.bits - 1 < plan.array_capacity;
  std::uint64_t kept = 0, moved = 0;
  std::uint64_t last = key_is_element ? key.bits : 0;
  for (const Entry* entry = table.entries; entry != end; ++entry) {
    if (entry->value_is_nil()) continue;
    if (is_element_key(*entry, plan.array_capacity)) {
      ++moved;
      last = std::max(last, entry->key_bits);
    } else {
      ++kept;
    }
  }
  // An array that holds all it has to is left as it is.
  if (table.array_capacity <= plan.array_capacity && last <= table.array_capacity) {
    plan.array_capacity = table.array_capacity;
  }
  for (std::uint32_t i = plan.array_capacity; i < table.array_count; ++i) {
    if (!table.array[i].is_nil()) ++kept, plan.drops_elements = true;
  }
  plan.element_end = last;
  plan.changes_entries = !key_is_element || moved != 0 || plan.drops_elements;
  plan.entry_capacity = plan.changes_entries ? entry_capacity_for(kept + (key_is_element ? 0 : 1))
                                             : table.entry_capacity;
  return plan;
}

// Of a shaped table, when the array alone has to grow for the key.
bool TableWriter::extend_array(std::int64_t key) {
  const Plan plan = make_plan(Value::from(key));
  return !plan.changes_entries && static_cast<std::uint64_t>(key) - 1 < plan.array_capacity &&
         carry_out(plan);
}

bool TableWriter::rehash(const Value& key) {
  const Plan plan = make_plan(key);
  return !is_too_large(plan.entry_capacity) && carry_out(plan);
}

// Allocates all that is needed before it changes anything.
bool TableWriter::carry_out(const Plan& plan) {
  const auto entry_capacity = static_cast<std::uint32_t>(plan.entry_capacity);
  const bool new_array = plan.array_capacity != table.array_capacity;
  const bool new_entries =
      plan.changes_entries && (entry_capacity != table.entry_capacity || plan.drops_elements);
  Value* array = table.array;
  if (new_array) {
    if (is_too_large(plan.array_capacity)) return false;
    array = nullptr;
    if (plan.array_capacity != 0) {
      array = static_cast<Value*>(heap.allocate(plan.array_capacity * sizeof(Value)));
      if (array == nullptr) return false;
    }
  }
  Entry* entries = table.entries;
  if (new_entries) {
    entries = nullptr;
    if (entry_capacity != 0) {
      entries = static_cast<Entry*>(heap.allocate(entries_bytes(entry_capacity)));
      if (entries == nullptr) {
        if (array != nullptr && new_array) {
          heap.release(array, plan.array_capacity * sizeof(Value));
        }
        return false;
      }
    }
  }

  const Table old = table;
  fill_array(plan, array);
  if (plan.changes_entries) fill_entries(plan, old, entries);
  if (new_array) {
    table.array = array;
    table.array_capacity = plan.array_capacity;
    if (old.array_capacity != 0) heap.release(old.array, old.array_capacity * sizeof(Value));
  }
  if (plan.changes_entries) {
    if (new_entries) {
      table.entries = entries;
      table.entry_capacity = entry_capacity;
      if (old.entry_capacity != 0) heap.release(old.entries, entries_bytes(old.entry_capacity));
    }
    build_index();
  }
  heap.table_moved(table);
  return true;
}

void TableWriter::fill_array(const Plan& plan, Value* array) {
  std::uint32_t count = std::min(table.array_count, plan.array_capacity);
  if (array != table.array && count != 0) {
    std::memcpy(static_cast<void*>(array), table.array, count * sizeof(Value));
  }
  for (; count < plan.element_end; ++count) array[count] = Value::nil();
  if ((table.flags & kTableIntegerEntries) != 0) {
    const Entry* end = table.entries + table.entry_count;
    for (const Entry* entry = table.entries; entry != end; ++entry) {
      if (entry->value_is_nil() || !is_element_key(*entry, plan.array_capacity)) continue;
      array[entry->key_bits - 1] = entry->value();
    }
  }
  while (count > 0 && array[count - 1].is_nil()) --count;
  table.array_count = count;
}

// The entries that stay, in their order, then the elements that leave the array.
void TableWriter::fill_entries(const Plan& plan, const Table& old, Entry* entries) {
  Entry* to = entries;
  bool has_integers = false;
  const Entry* end = old.entries + old.entry_count;
  for (const Entry* entry = old.entries; entry != end; ++entry) {
    if (entry->value_is_nil() || is_element_key(*entry, plan.array_capacity)) continue;
    has_integers = has_integers || entry->key_tag() == Tag::Integer;
    *to++ = *entry;
  }
  for (std::uint32_t i = plan.array_capacity; i < old.array_count; ++i) {
    if (old.array[i].is_nil()) continue;
    has_integers = true;
    to->word = 0;
    to->set_value(old.array[i]);
    to->set_key(std::uint64_t{i} + 1, Tag::Integer);
    ++to;
  }
  table.entry_count = static_cast<std::uint32_t>(to - entries);
  table.flags &= static_cast<std::uint8_t>(~kTableIntegerEntries);
  if (has_integers) table.flags |= kTableIntegerEntries;
}

void TableWriter::build_index() {
  const std::uint32_t size = index_size(table.entry_capacity);
  table.set_index_mask(size == 0 ? kNoIndex : size - 1);
  if (size == 0) return;
  std::uint32_t* index = table.index();
  std::memset(index, 0xff, size * sizeof *index);
  for (std::uint32_t number = 0; number < table.entry_count; ++number) {
    std::uint32_t i = hash_of(table.entries[number]) & table.index_mask();
    while (index[i] != kNoEntry) i = (i + 1) & table.index_mask();
    index[i] = number;
  }
}

// ---- Reservations.

bool TableWriter::reserve_array(std::uint32_t extra) {
  const std::uint64_t needed = std::uint64_t{table.array_count} + extra;
  if (needed <= table.array_capacity) return true;
  const std::uint64_t capacity = std::max(needed, std::uint64_t{table.array_capacity} * 2);
  if (is_too_large(capacity)) return false;
  auto* array = static_cast<Value*>(heap.allocate(capacity * sizeof(Value)));
  if (array == nullptr) return false;
  if (table.array_count != 0) {
    std::memcpy(static_cast<void*>(array), table.array, table.array_count * sizeof(Value));
  }
  if (table.array_capacity != 0) heap.release(table.array, table.array_capacity * sizeof(Value));
  table.array = array;
  table.array_capacity = static_cast<std::uint32_t>(capacity);
  pull_elements();
  return true;
}

bool TableWriter::reserve_entries(std::uint32_t extra) {
  if (table.is_shaped()) return leave_shape(extra);
  if (table.entry_capacity - table.entry_count >= extra) return true;
  Plan plan;
  plan.array_capacity = table.array_capacity;
  plan.changes_entries = true;
  std::uint64_t kept = 0;
  const Entry* end = table.entries + table.entry_count;
  for (const Entry* entry = table.entries; entry != end; ++entry) {
    if (entry->value_is_nil()) continue;
    if (is_element_key(*entry, plan.array_capacity)) {
      plan.element_end = std::max(plan.element_end, entry->key_bits);
    } else {
      ++kept;
    }
  }
  const std::uint64_t needed = kept + extra;
  plan.entry_capacity = table.entry_capacity == 0 ? needed : entry_capacity_for(needed);
  return !is_too_large(plan.entry_capacity) && carry_out(plan);
}

}  // namespace moonlet::heap
