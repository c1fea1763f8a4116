#include "heap/table.hpp"

#include <algorithm>
#include <cmath>

#include "heap/table_writer.hpp"
#include "heap/vector.hpp"

namespace moonlet::heap {

bool float_to_integer_exact(double number, std::int64_t& integer) {
  // 2^63 itself does not fit; a NaN fails both comparisons.
  if (!(number >= -0x1p63 && number < 0x1p63)) return false;
  integer = static_cast<std::int64_t>(number);
  return static_cast<double>(integer) == number;
}

SetResult normalize_key(Value& key) {
  if (key.is_float()) {
    std::int64_t integer;
    if (float_to_integer_exact(key.number, integer)) {
      key = Value::from(integer);
    } else if (std::isnan(key.number)) {
      return SetResult::NanKey;
    }
    return SetResult::Ok;
  }
  if (ML_UNLIKELY(key.is_vector()) && has_nan_lane(key)) return SetResult::NanKey;
  return key.is_nil() ? SetResult::NilKey : SetResult::Ok;
}

// ---- Finding.

namespace {

Entry* find_long(const Table& table, const String* key) {
  const auto matches = [key](const Entry& entry) {
    if (entry.key_tag() != Tag::String) return false;
    const String* other = entry.key().string();
    return other == key || (other->is_long() && is_equal_long(*other, *key));
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, string_hash(*key), matches);
}

Entry* find_object(const Table& table, const Value& key) {
  const std::uint64_t identity = key.object->identity();
  if (identity == 0) return nullptr;  // never was a key
  const auto matches = [&key, identity](const Entry& entry) {
    return (entry.key_bits == key.bits && entry.key_tag() == key.tag()) ||
           (entry.key_bits == identity && entry.key_tag() == Tag::DeadKey);
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, hash_word(identity), matches);
}

Entry* find_plain(const Table& table, std::uint64_t bits, Tag tag) {
  const auto matches = [bits, tag](const Entry& entry) {
    return entry.key_bits == bits && entry.key_tag() == tag;
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, hash_word(bits), matches);
}

Entry* find_vector(const Table& table, std::string_view text) {
  const auto matches = [text](const Entry& entry) {
    return entry.key_tag() == Tag::VectorKey && entry.key().string()->view() == text;
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, vector_key_hash(text), matches);
}

// Of a dictionary; a shaped table has no entries. REQUIRES: key is normalised.
Entry* find_normalized(const Table& table, const Value& key) {
  if (table.is_shaped()) return nullptr;
  switch (key.tag()) {
    case Tag::Nil:
      return nullptr;
    case Tag::Integer:
      return table_find_integer(table, key.integer);
    case Tag::String:
      return key.string()->is_long() ? find_long(table, key.string())
                                     : table_find_short(table, key.string());
    case Tag::False:
    case Tag::True:
      return find_plain(table, 0, key.tag());
    case Tag::Vector:
      return find_vector(table, vector_key_text(key).view());
    case Tag::VectorKey:
      return find_vector(table, key.string()->view());
    default:
      return key.is_object() ? find_object(table, key) : find_plain(table, key.bits, key.tag());
  }
}

}  // namespace

Entry* table_find(const Table& table, const Value& key) {
  Value normalized = key;
  if (normalize_key(normalized) != SetResult::Ok) return nullptr;
  return find_normalized(table, normalized);
}

Value table_get(const Table& table, const Value& key) {
  Value normalized = key;
  if (normalize_key(normalized) != SetResult::Ok) return Value::nil();
  if (normalized.is_integer()) return table_get_integer(table, normalized.integer);
  if (normalized.is_string()) return table_get_string(table, normalized.string());
  const Entry* entry = find_normalized(table, normalized);
  return entry == nullptr ? Value::nil() : entry->value();
}

Value table_get_string(const Table& table, const String* key) {
  if (table.is_shaped()) {
    const Value* field = key->is_long() ? nullptr : table_find_field(table, key);
    return field == nullptr ? Value::nil() : *field;
  }
  const Entry* entry = key->is_long() ? find_long(table, key) : table_find_short(table, key);
  return entry == nullptr ? Value::nil() : entry->value();
}

Value get_field(Heap& heap, const Table& table, std::string_view name) {
  if (name.size() <= kShortStringSize) {
    const String* key = heap.find_string(name);
    return key == nullptr ? Value::nil() : table_get_string(table, key);
  }
  if (table.is_shaped()) return Value::nil();
  // Without an object there is no lookup of long names; they are rare enough to be searched for.
  const Entry* entry = find_entry_linearly(table, [name](const Entry& e) {
    return e.key_tag() == Tag::String && e.key().string()->view() == name;
  });
  return entry == nullptr ? Value::nil() : entry->value();
}

Value table_event_slow(Heap& heap, Table& metatable, Event event) {
  const String* name = (*heap.event_names)[event];
  const Value value = name == nullptr ? Value::nil() : table_get_string(metatable, name);
  // An image's tables are shared: what they lack was noted when the image was sealed.
  if (value.is_nil() && !metatable.is_shaped() && !metatable.is_permanent()) {
    metatable.set_absent_events(metatable.absent_events() | 1u << static_cast<unsigned>(event));
  }
  return value;
}

// ---- Writing.

namespace {

SetResult store(Heap& heap, Table& table, Entry& entry, const Value& key, const Value& value) {
  if (entry.value_is_nil()) {
    if (value.is_nil()) return SetResult::Ok;
    // The key comes to life again.
    if (key.is_string()) table.set_absent_events(0);
    if (entry.key_tag() == Tag::DeadKey) entry.set_key(key.bits, key.tag());
    heap.barrier_back(&table, entry.key_reference());
  }
  entry.set_value(value);
  heap.barrier_back(&table, value);
  return SetResult::Ok;
}

// REQUIRES: key is normalised and not an integer.
SetResult set_normalized(Heap& heap, Table& table, const Value& key, const Value& value) {
  if (table.is_shaped() && key.is_string() && !key.string()->is_long()) {
    if (Value* field = table_find_field(table, key.string()); field != nullptr) {
      *field = value;
      heap.barrier_back(&table, value);
      return SetResult::Ok;
    }
  }
  if (Entry* entry = find_normalized(table, key); entry != nullptr) {
    return store(heap, table, *entry, key, value);
  }
  if (value.is_nil()) return SetResult::Ok;
  if (ML_UNLIKELY(key.is_vector())) {
    String* text = heap.new_string(vector_key_text(key).view());
    if (text == nullptr) return SetResult::NoMemory;
    const Value stored = Value::from_object(text, Tag::VectorKey);
    return TableWriter(heap, table).insert(stored, value) ? SetResult::Ok : SetResult::NoMemory;
  }
  return TableWriter(heap, table).insert(key, value) ? SetResult::Ok : SetResult::NoMemory;
}

}  // namespace

SetResult table_set(Heap& heap, Table& table, const Value& key, const Value& value) {
  Value normalized = key;
  if (const SetResult result = normalize_key(normalized); result != SetResult::Ok) return result;
  if (normalized.is_integer()) return table_set_integer(heap, table, normalized.integer, value);
  return set_normalized(heap, table, normalized, value);
}

SetResult table_set_string(Heap& heap, Table& table, String* key, const Value& value) {
  return set_normalized(heap, table, Value::from(key), value);
}

SetResult table_set_named(Heap& heap, Table& table, String* key, const Value& value) {
  const bool can_be_shaped =
      table.is_shaped() || (table.entry_capacity == 0 && table.inline_capacity() == 0);
  if (!can_be_shaped || key->is_long() || value.is_nil()) {
    return set_normalized(heap, table, Value::from(key), value);
  }
  if (table.is_shaped()) {
    if (Value* field = table_find_field(table, key); field != nullptr) {
      *field = value;
      heap.barrier_back(&table, value);
      return SetResult::Ok;
    }
  }
  return TableWriter(heap, table).add_field(key, value) ? SetResult::Ok : SetResult::NoMemory;
}

SetResult table_set_integer_slow(Heap& heap, Table& table, std::int64_t key, const Value& value) {
  TableWriter writer(heap, table);
  const std::uint64_t position = static_cast<std::uint64_t>(key) - 1;
  if (position < table.array_count) {
    if (value.is_nil() && position + 1 == table.array_count) {
      return writer.drop_last() ? SetResult::Ok : SetResult::NoMemory;
    }
    if (!table.array.can_hold(value) && !writer.unpack()) return SetResult::NoMemory;
    table.array.set(position, value);
    heap.barrier_back(&table, value);
    return SetResult::Ok;
  }
  Entry* entry = table_find_integer(table, key);
  // A key that the array has room for right behind its last element goes there, wherever it was.
  const bool appends = position == table.array_count && position < table.array_capacity;
  if (entry != nullptr && (!appends || value.is_nil())) {
    return store(heap, table, *entry, Value::from(key), value);
  }
  if (value.is_nil()) return SetResult::Ok;
  if (entry != nullptr) TableWriter::bury(*entry);
  return writer.insert_integer(key, value) ? SetResult::Ok : SetResult::NoMemory;
}

bool table_set_list(Heap& heap, Table& table, std::uint32_t first, const Value* values,
                    std::uint32_t count) {
  return TableWriter(heap, table).set_list(first, values, count);
}

bool set_field(Heap& heap, Table& table, std::string_view name, const Value& value) {
  String* key = heap.new_string(name);
  return key != nullptr && table_set_string(heap, table, key, value) == SetResult::Ok;
}

bool table_reserve_array(Heap& heap, Table& table, std::uint32_t extra) {
  return TableWriter(heap, table).reserve_array(extra);
}

bool table_reserve_entries(Heap& heap, Table& table, std::uint32_t extra) {
  return TableWriter(heap, table).reserve_entries(extra);
}

// ---- Length and iteration.

std::uint64_t table_length(const Table& table) {
  // Most arrays are not continued by entries.
  if ((table.flags & kTableIntegerEntries) == 0) return table.array_count;
  const auto is_present = [&table](std::uint64_t key) {
    return !table_get_integer(table, static_cast<std::int64_t>(key)).is_nil();
  };
  constexpr std::uint64_t kKeyMax = INT64_MAX;
  std::uint64_t present = table.array_count;  // or 0
  std::uint64_t absent = present + 1;
  while (is_present(absent)) {
    present = absent;
    if (present == kKeyMax) return present;
    absent = present > kKeyMax / 2 ? kKeyMax : present * 2;
  }
  while (absent - present > 1) {
    const std::uint64_t middle = present + (absent - present) / 2;
    (is_present(middle) ? present : absent) = middle;
  }
  return present;
}

namespace {

// The first place from `position` on that has a value, of `most` places; `position` is then behind
// it, else behind those that were looked at.
NextResult find_next(const Table& table, std::uint64_t& position, std::uint64_t most, Value& key,
                     Value& value) {
  const std::uint64_t elements_end =
      position < table.array_count ? std::min<std::uint64_t>(table.array_count, position + most)
                                   : position;
  if (position < elements_end) most -= elements_end - position;
  for (; position < elements_end; ++position) {
    if (table.array[position].is_nil()) continue;
    key = Value::from(static_cast<std::int64_t>(position + 1));
    value = table.array[position];
    ++position;
    return NextResult::Next;
  }
  if (most == 0) return NextResult::Again;
  // Entries are numbered from the capacity on, so that an array that shrinks does not shift them.
  std::uint64_t number = position <= table.array_capacity ? 0 : position - table.array_capacity;
  if (table.is_shaped()) {
    const Shape& shape = *table.shape();
    for (; number < shape.count; ++number) {
      if (table.fields[number].is_nil()) continue;
      key = Value::from(shape.keys()[number]);
      value = table.fields[number];
      position = table.array_capacity + number + 1;
      return NextResult::Next;
    }
    return NextResult::End;
  }
  const std::uint64_t end = std::min<std::uint64_t>(table.entry_count, number + most);
  for (; number < end; ++number) {
    const Entry& entry = table.entries[number];
    if (entry.value_is_nil()) continue;
    key = entry.key();
    if (ML_UNLIKELY(key.is(Tag::VectorKey))) key = vector_of_key(key);
    value = entry.value();
    position = table.array_capacity + number + 1;
    return NextResult::Next;
  }
  position = table.array_capacity + number;
  return number < table.entry_count ? NextResult::Again : NextResult::End;
}

constexpr std::uint64_t kAllPlaces = std::uint64_t{1} << 40;

}  // namespace

std::uint64_t table_next_position(const Table& table, std::uint64_t position, Value& key,
                                  Value& value) {
  return find_next(table, position, kAllPlaces, key, value) == NextResult::Next ? position : 0;
}

namespace {

// The position after a key's; false when there is no such key.
// A long string whose entry lost its value, and then its key: the collector left its identity.
bool find_buried(const Table& table, const Value& key, std::uint64_t& position) {
  if (table.is_shaped() || !key.is_string()) return false;
  const std::uint64_t identity = key.object->identity();
  if (identity == 0) return false;
  const auto matches = [identity](const Entry& entry) {
    return entry.key_tag() == Tag::DeadKey && entry.key_bits == identity;
  };
  const Entry* entry = nullptr;
  if (table.index_mask() == kNoIndex) {
    entry = find_entry_linearly(table, matches);
  } else {
    // By the string's hash, or, in a table that was rebuilt since, by the identity's.
    entry = find_entry(table, string_hash(*key.string()), matches);
    if (entry == nullptr) entry = find_entry(table, hash_word(identity), matches);
  }
  if (entry == nullptr) return false;
  position =
      std::uint64_t{table.array_capacity} + static_cast<std::uint64_t>(entry - table.entries) + 1;
  return true;
}

bool find_position(const Table& table, const Value& key, std::uint64_t& position) {
  Value normalized = key;
  switch (normalize_key(normalized)) {
    case SetResult::NilKey:
      position = 0;
      return true;
    case SetResult::Ok:
      break;
    default:
      return false;
  }
  const bool is_integer = normalized.is_integer();
  const std::uint64_t element = is_integer ? static_cast<std::uint64_t>(normalized.integer) : 0;
  if (is_integer && element - 1 < table.array_count) {
    position = element;
  } else if (table.is_shaped() && normalized.is_string()) {
    const Value* field =
        normalized.string()->is_long() ? nullptr : table_find_field(table, normalized.string());
    if (field == nullptr) return false;
    position = table.array_capacity + static_cast<std::uint64_t>(field - table.fields) + 1;
  } else if (const Entry* entry = find_normalized(table, normalized); entry != nullptr) {
    position = table.array_capacity + static_cast<std::uint64_t>(entry - table.entries) + 1;
  } else if (is_integer && element - 1 < table.array_capacity) {
    position = element;  // was in the array, and was set to nil on the way
  } else {
    return find_buried(table, normalized, position);
  }
  return true;
}

NextResult next_of(std::uint32_t& hint, const Table& table, const Value& key,
                   std::uint64_t& position, std::uint64_t most, Value& next_key,
                   Value& next_value) {
  const std::uint32_t fields = table.is_shaped() ? table.shape()->count : 0;
  if (position != 0) {
    // Goes on.
  } else if (hint < fields && key.is_string() && table.shape()->keys()[hint] == key.string()) {
    position = std::uint64_t{table.array_capacity} + hint + 1;
  } else if (hint < table.entry_count && table.entries[hint].key_bits == key.bits &&
             table.entries[hint].key_tag() == key.tag() && !key.is_nil()) {
    position = std::uint64_t{table.array_capacity} + hint + 1;
  } else if (!find_position(table, key, position)) {
    return NextResult::Invalid;
  }
  const NextResult result = find_next(table, position, most, next_key, next_value);
  if (result == NextResult::Next && position > table.array_capacity) {
    hint = static_cast<std::uint32_t>(position - table.array_capacity - 1);
  }
  return result;
}

}  // namespace

NextResult table_next(Heap& heap, const Table& table, const Value& key, Value& next_key,
                      Value& next_value) {
  std::uint64_t position = 0;
  return next_of(heap.next_hint(table), table, key, position, kAllPlaces, next_key, next_value);
}

NextResult table_next(Heap& heap, const Table& table, const Value& key, std::uint64_t& position,
                      Value& next_key, Value& next_value) {
  return next_of(heap.next_hint(table), table, key, position, kSkippedMax, next_key, next_value);
}

}  // namespace moonlet::heap
