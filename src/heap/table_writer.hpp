// How tables grow. Used by table.cpp alone.
#pragma once

#include "heap/table_growth.hpp"

namespace moonlet::heap {

struct TableWriter {
  TableWriter(Heap& the_heap, Table& the_table) : heap(the_heap), table(the_table) {}

  Heap& heap;
  Table& table;

  // New keys. REQUIRES: not there yet, not even with a nil value; `value` is not nil; `key` is
  // normalised. False: no memory, nothing has changed.
  [[nodiscard]] bool insert(const Value& key, const Value& value);
  [[nodiscard]] bool insert_integer(std::int64_t key, const Value& value);

  // A new field of a shaped table, or of one that has nothing but an array yet.
  [[nodiscard]] bool add_field(String* key, const Value& value);

  [[nodiscard]] bool set_list(std::uint32_t first, const Value* values, std::uint32_t count);
  [[nodiscard]] bool reserve_array(std::uint32_t extra);
  [[nodiscard]] bool reserve_entries(std::uint32_t extra);

  // Drops nils at the end of the array.
  void trim_array();
  // Makes room for any value in a packed array.
  [[nodiscard]] bool unpack();
  // Stores nil to the array's last element.
  [[nodiscard]] bool drop_last();
  // Makes an entry's key unfindable; the place stays.
  static void bury(Entry& entry);

  // For table_restore.cpp.
  void build_index();
  void push_entry(const Value& key, const Value& value);

 private:
  // Says why, too.
  bool is_too_large(std::uint64_t capacity) const {
    if (ML_LIKELY(capacity <= heap.table_slots_max)) return false;
    heap.refusal = Refusal::Table;
    return true;
  }
  // Does the growth, or the rest of one that waits; a large one is left to wait where that may be.
  // False: it waits, or there is no memory; heap.refusal says which.
  [[nodiscard]] bool grow(Growth&& growth);
  // Makes a shaped table a dictionary with room for `extra` keys more.
  [[nodiscard]] bool leave_shape(std::uint32_t extra);
  [[nodiscard]] bool grow_fields();
  [[nodiscard]] bool extend_array(std::int64_t key);
  [[nodiscard]] bool rehash(const Value& key);
  void put_element(std::uint64_t position, const Value& value);
  void put_planned_element(std::uint64_t position, const Value& value);
  Value take_element(std::uint64_t position);
  void pull_elements();
  [[nodiscard]] bool set_long_list(std::uint32_t first, const Value* values, std::uint32_t count);
  // Where elements from `first` on will lie, of which the first has that tag.
  template <typename AllAre>
  [[nodiscard]] bool prepare_for_list(std::uint32_t first, Tag tag, AllAre all_are);
  [[nodiscard]] bool reserve_list(std::uint64_t end);
  void put_list(std::uint64_t first, const Value* values, std::uint32_t count);

  Tag tag_ = Tag::Nil;  // of the element that room is made for
  bool is_small_and_full() const;
  [[nodiscard]] bool move_array(std::uint32_t capacity);

  bool was_refused_ = false;  // by grow()
};

}  // namespace moonlet::heap
