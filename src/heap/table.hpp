// Tables: an array part and an insertion-ordered dictionary. See object.hpp for the layout.
//
// What a script can see of the layout is fixed: iteration is the array part in order, then entries
// in order of insertion; a key set to nil keeps its place until a rehash; a rehash happens only
// when a *new* key is inserted. Nothing here calls metamethods, and `_nogc` in spirit: nothing
// collects (heap.hpp).
#pragma once

#include "heap/heap.hpp"

namespace moonlet::heap {

// A rehash's outcome, and a store's.
enum class SetResult : std::uint8_t { Ok, NoMemory, NilKey, NanKey };

// --- Reading. The value, or nil.
Value table_get(const Table& table, const Value& key);
inline Value table_get_integer(const Table& table, std::int64_t key);
Value table_get_string(const Table& table, const String* key);  // any string
// The entry of a short (interned) string in a dictionary, or nullptr. Its value may be nil. A
// non-nil value may be replaced in place by another one, with barrier_back(); everything else goes
// through table_set.
inline Entry* table_find_short(const Table& table, const String* key);
Entry* table_find(const Table& table, const Value& key);  // dictionary part only

// --- Writing. Barriers included. `key` is normalised (2.0 is 2). A store of nil to an absent key
// does nothing.
[[nodiscard]] SetResult table_set(Heap& heap, Table& table, const Value& key, const Value& value);
[[nodiscard]] inline SetResult table_set_integer(Heap& heap, Table& table, std::int64_t key,
                                                 const Value& value);
[[nodiscard]] SetResult table_set_string(Heap& heap, Table& table, String* key, const Value& value);
// The same for a key that the program names in its text: such keys make shapes.
[[nodiscard]] SetResult table_set_named(Heap& heap, Table& table, String* key, const Value& value);
// Elements first + 1 .. first + count, as a constructor sets them: whatever was there is replaced.
[[nodiscard]] bool table_set_list(Heap& heap, Table& table, std::uint32_t first,
                                  const Value* values, std::uint32_t count);
// Convenience for set-up code: set_field(heap, t, "name", v).
[[nodiscard]] bool set_field(Heap& heap, Table& table, std::string_view name, const Value& value);
Value get_field(Heap& heap, const Table& table, std::string_view name);

// Room for at least this many elements / new keys beyond what is there. Exact for a table that has
// none yet, else at least doubling.
[[nodiscard]] bool table_reserve_array(Heap& heap, Table& table, std::uint32_t extra);
[[nodiscard]] bool table_reserve_entries(Heap& heap, Table& table, std::uint32_t extra);

// Makes it as one that was just created.
void table_empty(Heap& heap, Table& table);
// Rebuilding a frozen table: parts of exactly these capacities, then its entries in their order.
// `packed` is the tag of elements that are, or Nil.
// REQUIRES: a fresh table; at most entry_capacity entries. A key with a nil value, or a DeadKey,
// keeps its place.
[[nodiscard]] bool table_restore(Heap& heap, Table& table, std::uint32_t array_capacity, Tag packed,
                                 std::uint32_t entry_capacity);
// A shaped table's room for fields. Its shape and the fields are the caller's to set.
// REQUIRES: a fresh table.
[[nodiscard]] bool table_restore_fields(Heap& heap, Table& table, std::uint32_t capacity);
void table_restore_entry(Heap& heap, Table& table, const Value& key, const Value& value);

// A border, as the manual says.
std::uint64_t table_length(const Table& table);

// Successor of `key` (nil: the first). Next: key and value were written; End: no more; Invalid: no
// such key.
enum class NextResult : std::uint8_t { Next, End, Invalid, Again };
NextResult table_next(Heap& heap, const Table& table, const Value& key, Value& next_key,
                      Value& next_value);
// The same for at most kSkippedMax places without a value at a time. Again: there are more, and
// `position` says where to go on; it is 0 at first.
inline constexpr std::uint64_t kSkippedMax = 10'000;
NextResult table_next(Heap& heap, const Table& table, const Value& key, std::uint64_t& position,
                      Value& next_key, Value& next_value);
// The same by position (0 first): array elements, then entries; returns the position after the one
// that was found, or 0 at the end. Positions hold until the next rehash.
std::uint64_t table_next_position(const Table& table, std::uint64_t position, Value& key,
                                  Value& value);

// Cached absence of metamethods in a metatable.
inline bool has_no_event(const Table& metatable, Event event) {
  const std::uint32_t absent =
      metatable.is_shaped() ? metatable.shape()->absent_events : metatable.absent_events();
  return (absent & (1u << static_cast<unsigned>(event))) != 0;
}
Value table_event_slow(Heap& heap, Table& metatable, Event event);
inline Value table_event(Heap& heap, Table* metatable, Event event) {
  if (metatable == nullptr) return Value::nil();
  if (has_no_event(*metatable, event)) return Value::nil();
  return table_event_slow(heap, *metatable, event);
}

// The table that a metatable's __index names, if it names one without further ado.
inline Table* index_table(const Heap& heap, const Table* metatable);

// Bytes of a table's parts, for release and accounting.
std::size_t entries_bytes(std::uint32_t entry_capacity);
void release_table_parts(Heap& heap, Table& table);

// Float keys with integral values are integers. Ok, NilKey or NanKey.
[[nodiscard]] SetResult normalize_key(Value& key);
bool float_to_integer_exact(double number, std::int64_t& integer);

}  // namespace moonlet::heap

#include "heap/table_inl.hpp"
