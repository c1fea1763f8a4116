// Hot paths of tables. Included by table.hpp.
#pragma once

#include "base/entropy.hpp"
#include "heap/shape.hpp"
#include "heap/table.hpp"

namespace moonlet::heap {

// In the index: no entry.
inline constexpr std::uint32_t kNoEntry = 0xffffffff;
inline constexpr std::uint32_t kLinearEntries = 8;

// Hash of a string of any length. Long ones are hashed when first asked for.
std::uint32_t string_hash(const String& string);
bool is_equal_long(const String& a, const String& b);

// Keyed, so that a script cannot choose numbers that collide.
inline std::uint32_t hash_word(std::uint64_t bits) {
  __extension__ typedef unsigned __int128 Wide;
  const base::HashKey& key = base::process_hash_key();
  const Wide product = static_cast<Wide>(bits ^ key.low) * (key.high | 1);
  const std::uint64_t folded =
      static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  return static_cast<std::uint32_t>(folded ^ (folded >> 32));
}

template <typename Matches>
ML_ALWAYS_INLINE Entry* find_entry(const Table& table, std::uint32_t hash, Matches matches) {
  const std::uint32_t mask = table.index_mask();
  const std::uint32_t* index = table.index();
  for (std::uint32_t i = hash & mask; index[i] != kNoEntry; i = (i + 1) & mask) {
    Entry* entry = table.entries + index[i];
    if (matches(*entry)) return entry;
  }
  return nullptr;
}

template <typename Matches>
ML_ALWAYS_INLINE Entry* find_entry_linearly(const Table& table, Matches matches) {
  for (Entry *entry = table.entries, *end = entry + table.entry_count; entry != end; ++entry) {
    if (matches(*entry)) return entry;
  }
  return nullptr;
}

// Where a short string's value lies in a shaped table; nullptr: it is not among the shape's keys.
inline Value* table_find_field(const Table& table, const String* key) {
  const std::uint32_t slot = shape_find(*table.shape(), key);
  return slot == kNoSlot ? nullptr : &table.fields[slot];
}

// Of a dictionary.
inline Entry* table_find_short(const Table& table, const String* key) {
  const std::uint64_t bits = reinterpret_cast<std::uintptr_t>(key);
  const auto matches = [bits](const Entry& entry) {
    return entry.key_bits == bits && entry.key_tag() == Tag::String;
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, key->hash, matches);
}

// Dictionary part only.
inline Entry* table_find_integer(const Table& table, std::int64_t key) {
  if (ML_LIKELY((table.flags & kTableIntegerEntries) == 0)) return nullptr;
  const auto bits = static_cast<std::uint64_t>(key);
  const auto matches = [bits](const Entry& entry) {
    return entry.key_bits == bits && entry.key_tag() == Tag::Integer;
  };
  return table.index_mask() == kNoIndex ? find_entry_linearly(table, matches)
                                        : find_entry(table, hash_word(bits), matches);
}

inline Value table_get_integer(const Table& table, std::int64_t key) {
  const std::uint64_t position = static_cast<std::uint64_t>(key) - 1;
  if (ML_LIKELY(position < table.array_count)) return table.array[position];
  const Entry* entry = table_find_integer(table, key);
  return entry == nullptr ? Value::nil() : entry->value();
}

inline Table* index_table(const Heap& heap, const Table* metatable) {
  if (metatable == nullptr) return nullptr;
  if (metatable->is_shaped()) {
    const std::uint32_t slot = metatable->shape()->index_slot;
    if (slot == kNoSlot || !metatable->fields[slot].is_table()) return nullptr;
    return metatable->fields[slot].table();
  }
  const Entry* entry = table_find_short(*metatable, (*heap.event_names)[Event::Index]);
  return entry == nullptr || entry->value_tag() != Tag::Table
             ? nullptr
             : reinterpret_cast<Table*>(entry->value_bits);
}

// table_next() where the place of `key` is known and the next one has a value: next[0] is its key
// and next[1] its value. False: there is more to it, nothing has changed.
inline bool table_next_quickly(Heap& heap, const Table& table, const Value& key, Value* next) {
  if (key.is_integer() || (key.is_nil() && table.array_count != 0)) {
    const auto position = key.is_nil() ? 0 : static_cast<std::uint64_t>(key.integer);
    if (position >= table.array_count || (position == 0 && key.is_integer())) return false;
    const Value element = table.array[position];
    if (element.is_nil()) return false;
    next[0] = Value::from(static_cast<std::int64_t>(position + 1));
    next[1] = element;
    return true;
  }
  std::uint32_t& hint = heap.next_hint(table);
  const std::uint32_t number = key.is_nil() ? 0 : hint + 1;
  if (table.is_shaped()) {
    const Shape& shape = *table.shape();
    if (number >= shape.count) return false;
    if (number != 0 && (!key.is_string() || shape.keys()[number - 1] != key.string())) return false;
    if (table.fields[number].is_nil()) return false;
    next[1] = table.fields[number];
    next[0] = Value::from(shape.keys()[number]);
  } else {
    if (number >= table.entry_count) return false;
    const Entry& entry = table.entries[number];
    if (number != 0) {
      const Entry& last = (&entry)[-1];
      if (last.key_bits != key.bits || last.key_tag() != key.tag()) return false;
    }
    if (entry.value_is_nil() || entry.key_tag() == Tag::VectorKey) return false;
    next[1] = entry.value();
    next[0] = entry.key();
  }
  hint = number;
  return true;
}

[[nodiscard]] SetResult table_set_integer_slow(Heap& heap, Table& table, std::int64_t key,
                                               const Value& value);
[[nodiscard]] inline SetResult table_set_integer(Heap& heap, Table& table, std::int64_t key,
                                                 const Value& value) {
  const std::uint64_t position = static_cast<std::uint64_t>(key) - 1;
  if (ML_LIKELY(position < table.array_count && !value.is_nil() && table.array.can_hold(value))) {
    table.array.set(position, value);
    heap.barrier_back(&table, value);
    return SetResult::Ok;
  }
  return table_set_integer_slow(heap, table, key, value);
}

}  // namespace moonlet::heap
