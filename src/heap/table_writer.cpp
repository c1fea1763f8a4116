// Growth of tables. Capacities are functions of the history of operations alone.
#include "heap/table_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "heap/long_strings.hpp"

namespace moonlet::heap {
namespace {

// A gap of at most so many nils is bridged when an element is stored behind the end of the array:
// bounded, because filling it and trimming it again would otherwise be quadratic.
constexpr std::uint64_t kGapMax = 32;
// So many elements come along from the dictionary in one step.
constexpr int kPulledMax = 500;
// An array with fewer elements is laid out anew, or trimmed, in one step.
constexpr std::uint32_t kSmallArray = 1500;
// So many values of a list are looked at or stored at once.
constexpr std::uint32_t kListPiece = 4 * 1024;

}  // namespace

std::size_t entries_bytes(std::uint32_t capacity) {
  return capacity * sizeof(Entry) + index_size(capacity) * sizeof(std::uint32_t);
}

namespace {

void release_fields(Heap& heap, Table& table) {
  if (table.entry_capacity == 0 || table.has_inline_fields()) return;
  heap.release_part(table, table.fields, table.entry_capacity * sizeof(Value));
}

}  // namespace

void release_table_parts(Heap& heap, Table& table) {
  if (table.array_capacity != 0) {
    heap.release_part(table, table.array.block(), table.array.bytes(table.array_capacity));
  }
  if (table.is_shaped()) {
    release_fields(heap, table);
  } else if (table.entry_capacity != 0) {
    heap.release_part(table, table.entries, entries_bytes(table.entry_capacity));
  }
}

// ---- New keys.

bool TableWriter::insert(const Value& key, const Value& value) {
  if (key.is_object() && !key.is_string() && !heap.can_identify(key.object)) return false;
  if (table.is_shaped() && !leave_shape(1)) return false;
  if (key.is_object() && !key.is_string()) heap.identity(key.object);
  if (table.entry_count == table.entry_capacity && !rehash(key)) return false;
  push_entry(key, value);
  return true;
}

bool TableWriter::insert_integer(std::int64_t key, const Value& value) {
  const std::uint64_t position = static_cast<std::uint64_t>(key) - 1;
  // Packed arrays have neither nils nor integer keys besides them.
  if (table.array.is_packed() && (position != table.array_count || !table.array.can_hold(value)) &&
      !unpack()) {
    return false;
  }
  tag_ = value.tag();
  if (position == table.array_count && position == table.array_capacity && is_small_and_full()) {
    const auto size = static_cast<std::uint32_t>(position) + 1;
    if (!move_array(std::max(std::bit_ceil(size), kArrayCapacityMin))) return false;
    table.array.set(position, value);
    table.array_count = size;
    heap.barrier_back(&table, value);
    return true;
  }
  const auto fits_array = [&] {
    return position < table.array_capacity && position - table.array_count <= kGapMax;
  };
  if (!fits_array()) {
    if (table.is_shaped()) {
      if (!extend_array(key)) return false;
      if (!was_refused_) {
        put_planned_element(position, value);
        return true;
      }
      if (!leave_shape(1)) return false;
    }
    const bool is_next = position == table.array_count;
    if (is_next || table.entry_count == table.entry_capacity) {
      if (!rehash(Value::from(key))) return false;
      if (position < table.array_capacity) {
        put_planned_element(position, value);
        return true;
      }
    }
    push_entry(Value::from(key), value);
    return true;
  }
  put_element(position, value);
  return true;
}

// The commonest growth of all has nothing to find out: an array without nils that nothing
// continues.
bool TableWriter::is_small_and_full() const {
  if (table.array_count >= kSmallArray || (table.flags & kTableIntegerEntries) != 0) return false;
  if (table.array.is_packed()) return true;
  const Value* values = table.array.values();
  return std::none_of(values, values + table.array_count,
                      [](const Value& v) { return v.is_nil(); });
}

// To a block of its own. As a Growth would, in one piece.
bool TableWriter::move_array(std::uint32_t capacity) {
  if (is_too_large(capacity)) return false;
  const Tag packed = choose_packing(table, capacity, tag_);
  void* block = heap.allocate_part(table, Elements::bytes(capacity, packed));
  if (block == nullptr) return false;
  const Elements moved = Elements::at(block, packed);
  if (packed == table.array.packed()) {
    // An array that is not there is no address to copy from.
    if (table.array_count != 0) {
      std::memcpy(block, table.array.block(), moved.bytes(table.array_count));
    }
  } else {
    for (std::uint32_t n = 0; n < table.array_count; ++n) moved.set(n, table.array[n]);
  }
  if (table.array_capacity != 0) {
    heap.release_part(table, table.array.block(), table.array.bytes(table.array_capacity));
  }
  table.array = moved;
  table.array_capacity = capacity;
  heap.table_moved(table);
  return true;
}

// Stores a new element within the array's capacity; what lies between its end and the element, or
// follows, comes along from the dictionary.
void TableWriter::put_element(std::uint64_t position, const Value& value) {
  ML_ASSERT(position < table.array_capacity);
  for (std::uint64_t i = table.array_count; i < position; ++i) table.array.set(i, take_element(i));
  table.array.set(position, value);
  table.array_count = std::max(table.array_count, static_cast<std::uint32_t>(position + 1));
  heap.barrier_back(&table, value);
  pull_elements();
}

// The same for an element that the array was just laid out for: what lies before it is nil.
void TableWriter::put_planned_element(std::uint64_t position, const Value& value) {
  ML_ASSERT(position < table.array_capacity);
  table.array.set(position, value);
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
  // Nothing has to come along from the dictionary, and nils at the end need no room.
  const bool is_plain = (table.flags & kTableIntegerEntries) == 0 && table.array_count <= first;
  if (is_plain && count > kListPiece && heap.may_grow_in_pieces && !heap.grows_whole) {
    return set_long_list(first, values, count);
  }
  if (is_plain) {
    while (count > 0 && values[count - 1].is_nil()) --count;
    if (count == 0) return true;
  }
  const std::uint64_t end = std::uint64_t{first} + count;
  if (!reserve_list(end)) return false;
  const auto all_are = [values, count](Tag tag) {
    return std::all_of(values, values + count,
                       [tag](const Value& value) { return value.tag() == tag; });
  };
  if (!prepare_for_list(first, count == 0 ? Tag::Nil : values[0].tag(), all_are)) return false;
  if (is_plain) {
    for (std::uint64_t i = table.array_count; i < first; ++i) table.array.set(i, Value::nil());
    put_list(first, values, count);
    table.array_count = static_cast<std::uint32_t>(end);
    heap.barrier_store(table, values, count);
    return true;
  }
  for (std::uint64_t i = table.array_count; i < first; ++i) table.array.set(i, take_element(i));
  for (std::uint32_t i = 0; i < count; ++i) {
    take_element(first + i);
    table.array.set(first + i, values[i]);
  }
  table.array_count = std::max(table.array_count, static_cast<std::uint32_t>(end));
  trim_array();
  pull_elements();
  heap.barrier_store(table, values, count);
  return true;
}

// The same, in pieces: they write behind the array's end, which moves when all is there.
bool TableWriter::set_long_list(std::uint32_t first, const Value* values, std::uint32_t count) {
  using Stage = StringWork::Stage;
  StringWork work{StringWork::Kind::Store, &table, values, nullptr};
  work.count = count;
  work = resumed(heap, work);
  std::uint32_t budget = kListPiece;
  const auto spend = [&] {
    if (--budget > 0) return true;
    budget = kListPiece;
    return !wait(heap, work);
  };
  if (work.stage == Stage::Begin) {
    // The first piece is none: what has led here may have taken as long.
    work.stage = Stage::Trim;
    if (wait(heap, work)) return false;
  }
  if (work.stage == Stage::Trim) {
    while (work.count > 0 && values[work.count - 1].is_nil()) {
      --work.count;
      if (!spend()) return false;
    }
    work.stage = Stage::Scan;
    work.tag = work.count == 0 ? Tag::Nil : values[0].tag();
  }
  const std::uint64_t end = std::uint64_t{first} + work.count;
  if (work.stage == Stage::Scan) {
    while (work.position < work.count && work.tag != Tag::Nil) {
      if (values[work.position++].tag() != work.tag) work.tag = Tag::Nil;
      if (!spend()) return false;
    }
    work.position = 0;
    work.stage = Stage::Prepare;
  }
  if (work.stage == Stage::Prepare && work.count > 0) {
    if (!reserve_list(end)) return false;
    const auto all_are = [&work](Tag tag) { return work.tag == tag; };
    if (!prepare_for_list(first, work.tag, all_are)) return false;
    for (std::uint64_t i = table.array_count; i < first; ++i) table.array.set(i, Value::nil());
  }
  work.stage = Stage::Move;
  while (work.position < work.count) {
    const auto size =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(work.count - work.position, kListPiece));
    put_list(first + work.position, values + work.position, size);
    heap.barrier_store(table, values + work.position, size);
    work.position += size;
    if (wait(heap, work)) return false;
  }
  end_work(heap);
  if (work.count > 0) table.array_count = static_cast<std::uint32_t>(end);
  return true;
}

bool TableWriter::reserve_list(std::uint64_t end) {
  if (end <= table.array_capacity) return true;
  return !is_too_large(end) && reserve_array(static_cast<std::uint32_t>(end - table.array_count));
}

void TableWriter::put_list(std::uint64_t first, const Value* values, std::uint32_t count) {
  if (table.array.is_packed()) {
    std::uint64_t* payloads = table.array.payloads() + first;
    for (std::uint32_t i = 0; i < count; ++i) payloads[i] = values[i].bits;
  } else if (count > 32) {
    std::memcpy(static_cast<void*>(table.array.values() + first), values, count * sizeof(Value));
  } else {
    for (std::uint32_t i = 0; i < count; ++i) table.array.set(first + i, values[i]);
  }
}

// An array that holds these values, packed when it was made for them alone.
template <typename AllAre>
bool TableWriter::prepare_for_list(std::uint32_t first, Tag tag, AllAre all_are) {
  const bool has_entries = (table.flags & kTableIntegerEntries) != 0;
  const std::uint32_t capacity = table.array_capacity;
  if (table.array.is_packed()) {
    const bool fits = first <= table.array_count && all_are(table.array.packed());
    return (fits && !has_entries) || unpack();
  }
  if (first != 0 || table.array_count != 0 || capacity < kPackedMin || has_entries ||
      !Elements::can_pack(tag) || !all_are(tag)) {
    return true;
  }
  void* block = heap.allocate_part(table, Elements::bytes(capacity, tag));
  if (block == nullptr) return false;
  heap.release_part(table, table.array.block(), table.array.bytes(capacity));
  table.array = Elements::at(block, tag);
  return true;
}

bool TableWriter::unpack() { return table.array_capacity == 0 || grow(Growth::unpacked(table)); }

void TableWriter::pull_elements() {
  for (int pulled = 0; pulled < kPulledMax; ++pulled) {
    if ((table.flags & kTableIntegerEntries) == 0 || table.array_count == table.array_capacity) {
      return;
    }
    Entry* entry = table_find_integer(table, std::int64_t{table.array_count} + 1);
    if (entry == nullptr || entry->value_is_nil()) return;
    table.array.set(table.array_count++, entry->value());
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
  heap.barrier_back(&table, entry.key_reference());
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
    heap.barrier_store(&table, Value::nil());
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
  heap.barrier_store(&table, value);
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
  auto* fields = static_cast<Value*>(heap.allocate_part(table, capacity * sizeof(Value)));
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
    entries = static_cast<Entry*>(
        heap.allocate_part(table, entries_bytes(static_cast<std::uint32_t>(capacity))));
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
  if (released != 0) heap.release_part(table, fields, released);
  heap.table_moved(table);
  return true;
}

// ---- Laying out anew.

bool TableWriter::grow(Growth&& growth) {
  // Most are over before it is worth to look whether one waits.
  const bool is_large = growth.size() > kLargeTable;
  if (ML_LIKELY(!is_large)) {
    if (growth.run_whole(heap) == Grown::NoMemory) return false;
    was_refused_ = growth.was_refused();
    return true;
  }
  if (heap.growth != nullptr) {
    if (heap.growth->continues(growth)) {
      growth = *heap.growth;
      heap.forget_growth();
    } else {
      heap.drop_growth();
    }
  }
  const bool in_pieces = heap.may_grow_in_pieces && !heap.grows_whole;
  switch (growth.run(heap, !in_pieces)) {
    case Grown::Done:
      if (heap.may_grow_in_pieces) heap.unpaid_units += growth.size();
      heap.grows_whole = false;
      was_refused_ = growth.was_refused();
      return true;
    case Grown::Again:
      if (heap.keep_growth(growth)) {
        heap.refusal = Refusal::Again;
        return false;
      }
      // Without memory for a note, it cannot wait.
      if (growth.run(heap, true) == Grown::NoMemory) return false;
      heap.unpaid_units += growth.size();
      was_refused_ = growth.was_refused();
      return true;
    case Grown::NoMemory:
      return false;
  }
  ML_UNREACHABLE();
}

// Of a shaped table, when the array alone has to grow for the key.
bool TableWriter::extend_array(std::int64_t key) {
  return grow(Growth::of_array_for_key(table, Value::from(key), tag_));
}

bool TableWriter::rehash(const Value& key) { return grow(Growth::for_key(table, key, tag_)); }

bool TableWriter::drop_last() {
  std::uint32_t count = table.array_count - 1;
  // Mostly, the element before the last is there.
  if (count == 0 || !table.array[count - 1].is_nil()) {
    table.array_count = count;
    return true;
  }
  return grow(Growth::without_last(table));
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
  const auto room = static_cast<std::uint32_t>(capacity);
  if (table.array_count < kSmallArray) {
    if (!move_array(room)) return false;
  } else if (!grow(Growth::to_array_capacity(table, room))) {
    return false;
  }
  pull_elements();
  return true;
}

bool TableWriter::reserve_entries(std::uint32_t extra) {
  if (table.is_shaped()) return leave_shape(extra);
  if (table.entry_capacity - table.entry_count >= extra) return true;
  return grow(Growth::for_entries(table, extra));
}

}  // namespace moonlet::heap
