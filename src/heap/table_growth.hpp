// Laying a table out anew, in bounded pieces.
//
// A Growth reads the table and writes blocks of its own; the table changes when the last piece is
// done, all at once. Until then the growth of a large table may be left where it is: the
// instruction or builtin that needs it is told so (Refusal::Again), has done nothing yet, passes a
// safepoint, and starts over. It finds the growth in Heap::growth and does the next piece.
//
// Nobody may change the table meanwhile. So a growth that waits is dropped before anything but that
// instruction runs: before a collection, when an error is raised, when a thread is given up, and
// when the host uses the Vm other than by running it. Whoever was interrupted so does the next
// growth as a whole (Heap::grows_whole), because starting over is no progress. The collector has no
// slices while a growth waits. A growth is no part of a state.
#pragma once

#include <cstdint>

#include "heap/table.hpp"

namespace moonlet::heap {

// How many elements and entries a piece may look at or move.
inline constexpr std::uint32_t kGrowthPiece = 500;
// A table with more of them is large: its growth passes over them several times.
inline constexpr std::uint32_t kLargeTable = 400;

// How many integer keys lie in 2^(b-1)+1 .. 2^b, and what that means for the array.
struct ElementCounts {
  static constexpr int kBits = 31;
  std::uint32_t in_slice[kBits] = {};
  std::uint64_t total = 0;

  void add(std::uint64_t position);
  // The largest power of two n such that more than half of 1 .. n are in use.
  std::uint32_t best_capacity() const;
};

enum class Grown : std::uint8_t { Done, Again, NoMemory };

class Growth {
 public:
  // For a new key, so that the table has room for it, in the part that it belongs to.
  // `tag` is that of the value that it will have: it decides whether an array is packed.
  static Growth for_key(Table& table, const Value& key, Tag tag);
  // The same, unless entries would have to move: then it ends without a change, and refused().
  static Growth of_array_for_key(Table& table, const Value& key, Tag tag);
  // Room for these many elements, or new keys.
  static Growth to_array_capacity(Table& table, std::uint32_t capacity);
  static Growth for_entries(Table& table, std::uint32_t extra);
  // The array as it is, with room for any values.
  static Growth unpacked(Table& table);
  // Drops the array's last element and the nils before it. No memory is needed.
  static Growth without_last(Table& table);

  // Goes on, whole or for one piece. NoMemory: it is over, and has changed nothing.
  Grown run(Heap& heap, bool whole);
  // The same as a whole, from the beginning.
  Grown run_whole(Heap& heap);
  void drop(Heap& heap);

  // Is this what remains to be done of `other`, for the table as it was then?
  bool continues(const Growth& other) const;
  bool was_refused() const { return stage_ == Stage::Refused; }
  // The elements and entries that it looked at, or moved.
  std::uint64_t size() const { return size_; }

 private:
  enum class Purpose : std::uint8_t { Key, ArrayForKey, Array, Entries, Trim };
  enum class Stage : std::uint8_t {
    CountElements,
    CountEntries,
    SortEntries,
    CountDropped,
    Allocate,
    CopyElements,
    ClearElements,
    MoveElements,
    Trim,
    CopyEntries,
    DropElements,
    ClearIndex,
    FillIndex,
    Commit,
    Refused,
  };

  Growth(Table& table, Purpose purpose, const Value& key, std::uint32_t amount);

  // A stage does up to `budget` items from position_ on, takes them off, and true: it has ended.
  bool count_elements(std::int64_t& budget);
  bool count_entries(std::int64_t& budget);
  bool sort_entries(std::int64_t& budget);
  bool count_dropped(std::int64_t& budget);
  bool copy_elements(std::int64_t& budget);
  bool clear_elements(std::int64_t& budget);
  bool move_elements(std::int64_t& budget);
  bool trim(std::int64_t& budget);
  bool copy_entries(std::int64_t& budget);
  bool drop_elements(std::int64_t& budget);
  bool clear_index(std::int64_t& budget);
  bool fill_index(std::int64_t& budget);
  bool run_stage(std::int64_t& budget);

  void choose_array_capacity();
  void choose_entry_capacity();
  Tag choose_packing() const;
  [[nodiscard]] bool allocate(Heap& heap);
  [[nodiscard]] bool allocate_array(Heap& heap);
  [[nodiscard]] bool allocate_entries(Heap& heap);
  bool can_extend_array(const Heap& heap) const;
  bool can_extend_entries(const Heap& heap) const;
  void commit(Heap& heap);
  void go_on(Stage ended);

  bool key_is_element() const { return key_.is_integer() && key_.bits - 1 < array_capacity_; }
  bool becomes_element(const Entry& entry) const {
    return entry.key_tag() == Tag::Integer && entry.key_bits - 1 < array_capacity_;
  }
  std::uint32_t entry_total() const { return table_->is_shaped() ? 0 : table_->entry_count; }
  // Elements that the new array has no room for.
  std::uint32_t dropped_total() const {
    return array_count_ > array_capacity_ ? array_count_ - array_capacity_ : 0;
  }
  // Where a piece ends that begins at position_; its items are taken off the budget.
  std::uint64_t end_of_piece(std::uint64_t all, std::int64_t& budget) const;

  Table* table_;
  Value key_;
  Purpose purpose_;
  Stage stage_;
  bool owns_array_ = false;    // array_ is a new block
  bool owns_entries_ = false;  // entries_ is one
  // It is the table's own, made longer.
  bool extends_array_ = false;
  bool extends_entries_ = false;
  bool changes_entries_ = false;
  bool drops_elements_ = false;  // some elements leave the array
  bool has_integers_ = false;
  Tag tag_ = Tag::Nil;     // of the new element
  Tag packed_ = Tag::Nil;  // of the new array
  std::uint32_t amount_;
  std::uint64_t position_ = 0;  // in the stage
  std::uint64_t size_;

  // The table as it was.
  std::uint32_t array_count_;
  std::uint32_t entry_count_;
  std::uintptr_t shape_word_;

  // The plan.
  ElementCounts counts_;
  std::uint32_t array_capacity_;
  std::uint64_t entry_capacity_;
  std::uint64_t element_end_ = 0;  // largest element number that will be in the array
  std::uint64_t kept_ = 0;         // entries that stay
  std::uint64_t moved_ = 0;        // entries that become elements

  // What is made of it.
  Elements array_;
  Entry* entries_;
  std::uint32_t new_array_count_ = 0;
  std::uint32_t new_entry_count_ = 0;
};

inline constexpr std::uint32_t kArrayCapacityMin = 4;
// How an array of that capacity is kept when nothing but an element of `tag` is added to it.
Tag choose_packing(const Table& table, std::uint32_t capacity, Tag tag);

// Bytes and sizes of a dictionary's parts.
std::uint32_t index_size(std::uint32_t entry_capacity);
std::uint64_t entry_capacity_for(std::uint64_t needed);
std::uint32_t hash_of(const Entry& entry);

}  // namespace moonlet::heap
