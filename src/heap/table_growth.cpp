#include "heap/table_growth.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "heap/long_strings.hpp"
#include "heap/vector.hpp"

namespace moonlet::heap {
namespace {

constexpr std::uint32_t kEntryCapacityMin = 2;
constexpr std::uint64_t kPositionsMax = std::uint64_t{1} << 30;
// Entries of a smaller dictionary that keeps its size are compacted where they are, in one piece.
constexpr std::uint64_t kInPlaceMax = 512;
// What is only copied or filled costs less than what is looked at: 48 KB are a piece.
constexpr std::uint64_t kCopiedAtOnce = 2;
constexpr std::uint64_t kClearedAtOnce = 8;
constexpr std::int64_t kNoEnd = INT64_MAX / 64;

}  // namespace

// More than 4/3 of the capacity.
std::uint32_t index_size(std::uint32_t capacity) {
  if (capacity <= kLinearEntries) return 0;
  return std::bit_ceil(capacity + capacity / 3 + 1);
}

// At least a fifth stays free, so that a table of constant size whose keys come and go is compacted
// once in a while, not at every insertion; for pure growth it doubles.
std::uint64_t entry_capacity_for(std::uint64_t needed) {
  if (needed == 0) return 0;
  return std::max<std::uint64_t>(std::bit_ceil(needed + needed / 4), kEntryCapacityMin);
}

std::uint32_t hash_of(const Entry& entry) {
  const Tag tag = entry.key_tag();
  if (tag == Tag::String) return string_hash(*entry.key().string());
  if (tag == Tag::VectorKey) return vector_key_hash(entry.key().string()->view());
  if (is_collectable(tag)) return hash_word(entry.key().object->identity());
  return hash_word(entry.key_bits);
}

void ElementCounts::add(std::uint64_t position) {
  if (position >= kPositionsMax) return;
  ++in_slice[std::bit_width(position)];
  ++total;
}

std::uint32_t ElementCounts::best_capacity() const {
  std::uint64_t best = 0, seen = 0;
  for (int bit = 0; bit < kBits; ++bit) {
    const std::uint64_t size = std::uint64_t{1} << bit;
    if (total <= size / 2) break;
    seen += in_slice[bit];
    if (seen > size / 2) best = size;
  }
  return static_cast<std::uint32_t>(best);
}

// ---- What to do.

Growth::Growth(Table& table, Purpose purpose, const Value& key, std::uint32_t amount)
    : table_(&table),
      key_(key),
      purpose_(purpose),
      stage_(Stage::CountElements),
      amount_(amount),
      size_(std::uint64_t{table.array_count} + (table.is_shaped() ? 0 : table.entry_count)),
      array_count_(table.array_count),
      entry_count_(table.entry_count),
      shape_word_(table.shape_word),
      array_capacity_(table.array_capacity),
      entry_capacity_(table.entry_capacity),
      array_(table.array),
      entries_(table.entries),
      new_array_count_(table.array_count),
      new_entry_count_(table.entry_count) {}

Growth Growth::for_key(Table& table, const Value& key, Tag tag) {
  Growth growth(table, Purpose::Key, key, 0);
  growth.tag_ = tag;
  return growth;
}

Growth Growth::of_array_for_key(Table& table, const Value& key, Tag tag) {
  Growth growth(table, Purpose::ArrayForKey, key, 0);
  growth.tag_ = tag;
  return growth;
}

Growth Growth::unpacked(Table& table) {
  Growth growth = to_array_capacity(table, table.array_capacity);
  growth.packed_ = Tag::Nil;
  return growth;
}

Growth Growth::to_array_capacity(Table& table, std::uint32_t capacity) {
  Growth growth(table, Purpose::Array, Value::nil(), capacity);
  growth.array_capacity_ = capacity;
  growth.size_ = table.array_count;
  growth.stage_ = Stage::Allocate;
  growth.packed_ = growth.choose_packing();
  return growth;
}

Growth Growth::for_entries(Table& table, std::uint32_t extra) {
  Growth growth(table, Purpose::Entries, Value::nil(), extra);
  growth.size_ = table.entry_count;
  growth.stage_ = Stage::SortEntries;
  return growth;
}

Growth Growth::without_last(Table& table) {
  Growth growth(table, Purpose::Trim, Value::nil(), 0);
  growth.new_array_count_ = table.array_count - 1;
  growth.stage_ = Stage::Trim;
  return growth;
}

bool Growth::continues(const Growth& other) const {
  return table_ == other.table_ && purpose_ == other.purpose_ && amount_ == other.amount_ &&
         key_.bits == other.key_.bits && key_.meta == other.key_.meta &&
         array_count_ == other.array_count_ && entry_count_ == other.entry_count_ &&
         shape_word_ == other.shape_word_;
}

// ---- Planning.

std::uint64_t Growth::end_of_piece(std::uint64_t all, std::int64_t& budget) const {
  const std::uint64_t end = std::min(all, position_ + static_cast<std::uint64_t>(budget));
  budget -= static_cast<std::int64_t>(end - position_);
  return end;
}

bool Growth::count_elements(std::int64_t& budget) {
  const std::uint64_t end = end_of_piece(array_count_, budget);
  for (; position_ < end; ++position_) {
    if (!table_->array[position_].is_nil()) counts_.add(position_);
  }
  return position_ == array_count_;
}

bool Growth::count_entries(std::int64_t& budget) {
  if ((table_->flags & kTableIntegerEntries) == 0) return true;
  const std::uint64_t end = end_of_piece(entry_total(), budget);
  for (; position_ < end; ++position_) {
    const Entry& entry = table_->entries[position_];
    if (!entry.value_is_nil() && entry.key_tag() == Tag::Integer) counts_.add(entry.key_bits - 1);
  }
  return position_ == entry_total();
}

void Growth::choose_array_capacity() {
  if (key_.is_integer()) counts_.add(key_.bits - 1);
  array_capacity_ = counts_.best_capacity();
  if (array_capacity_ != 0) array_capacity_ = std::max(array_capacity_, kArrayCapacityMin);
  element_end_ = key_is_element() ? key_.bits : 0;
}

bool Growth::sort_entries(std::int64_t& budget) {
  const std::uint64_t end = end_of_piece(entry_total(), budget);
  for (; position_ < end; ++position_) {
    const Entry& entry = table_->entries[position_];
    if (entry.value_is_nil()) continue;
    if (becomes_element(entry)) {
      ++moved_;
      element_end_ = std::max(element_end_, entry.key_bits);
    } else {
      ++kept_;
    }
  }
  return position_ == entry_total();
}

bool Growth::count_dropped(std::int64_t& budget) {
  const std::uint64_t end = end_of_piece(dropped_total(), budget);
  for (; position_ < end; ++position_) {
    if (!table_->array[array_capacity_ + position_].is_nil()) ++kept_, drops_elements_ = true;
  }
  return position_ == dropped_total();
}

void Growth::choose_entry_capacity() {
  if (purpose_ == Purpose::Entries) {
    const std::uint64_t needed = kept_ + amount_;
    entry_capacity_ = table_->entry_capacity == 0 ? needed : entry_capacity_for(needed);
    changes_entries_ = true;
    return;
  }
  changes_entries_ = !key_is_element() || moved_ != 0 || drops_elements_;
  if (changes_entries_) entry_capacity_ = entry_capacity_for(kept_ + (key_is_element() ? 0 : 1));
}

// Packed is what was, and what comes to be large with elements of one kind.
Tag choose_packing(const Table& table, std::uint32_t capacity, Tag tag) {
  if ((table.flags & kTableIntegerEntries) != 0) return Tag::Nil;
  if (table.array.is_packed()) return table.array.packed();
  if (capacity < kPackedMin || table.array_capacity >= kPackedMin || !Elements::can_pack(tag)) {
    return Tag::Nil;
  }
  for (std::uint32_t n = 0; n < table.array_count; ++n) {
    if (table.array[n].tag() != tag) return Tag::Nil;
  }
  return tag;
}

Tag Growth::choose_packing() const {
  const bool has_gap = element_end_ > std::uint64_t{array_count_} + 1;
  const bool adds_entry = key_.is_integer() && !key_is_element();
  if (has_gap || adds_entry || drops_elements_) return Tag::Nil;
  return heap::choose_packing(*table_, array_capacity_, tag_);
}

// All that is needed, before anything else is done.
bool Growth::allocate(Heap& heap) {
  if (purpose_ != Purpose::Array) packed_ = choose_packing();
  const bool new_array = array_capacity_ != table_->array_capacity ||
                         (table_->array_capacity != 0 && packed_ != table_->array.packed());
  const bool new_entries = changes_entries_ && (entry_capacity_ != table_->entry_capacity ||
                                                drops_elements_ || entry_capacity_ > kInPlaceMax);
  if ((new_array && array_capacity_ > heap.table_slots_max) ||
      (changes_entries_ && entry_capacity_ > heap.table_slots_max)) {
    heap.refusal = Refusal::Table;
    return false;
  }
  if (new_array && !allocate_array(heap)) return false;
  if (new_entries && !allocate_entries(heap)) {
    drop(heap);
    return false;
  }
  return true;
}

// What only becomes longer, and is large, stays where it is as far as the heap can: its stages then
// have nothing to copy, and take as many pieces.
bool Growth::can_extend_array(const Heap& heap) const {
  return array_capacity_ > table_->array_capacity && table_->array_capacity != 0 &&
         packed_ == table_->array.packed() &&
         heap.can_extend(table_->array.block(), table_->array.bytes(table_->array_capacity));
}

// None has died, and the old index, which is used until the end, lies below the new one.
bool Growth::can_extend_entries(const Heap& heap) const {
  return table_->entry_capacity != 0 && moved_ == 0 && !drops_elements_ && kept_ == entry_total() &&
         entry_capacity_ * sizeof(Entry) >= entries_bytes(table_->entry_capacity) &&
         heap.can_extend(table_->entries, entries_bytes(table_->entry_capacity));
}

bool Growth::allocate_array(Heap& heap) {
  const std::size_t bytes = Elements::bytes(array_capacity_, packed_);
  if (array_capacity_ == 0) {
    array_ = {};
  } else if (can_extend_array(heap)) {
    void* block = heap.extend(*table_, table_->array.block(), bytes);
    if (block == nullptr) return false;
    array_ = table_->array = Elements::at(block, packed_);
    extends_array_ = true;
  } else {
    void* block = heap.allocate_part(*table_, bytes);
    if (block == nullptr) return false;
    array_ = Elements::at(block, packed_);
  }
  owns_array_ = true;
  return true;
}

bool Growth::allocate_entries(Heap& heap) {
  const std::size_t bytes = entries_bytes(static_cast<std::uint32_t>(entry_capacity_));
  if (entry_capacity_ == 0) {
    entries_ = nullptr;
  } else if (can_extend_entries(heap)) {
    auto* block = static_cast<Entry*>(heap.extend(*table_, table_->entries, bytes));
    if (block == nullptr) return false;
    entries_ = table_->entries = block;
    extends_entries_ = true;
  } else {
    entries_ = static_cast<Entry*>(heap.allocate_part(*table_, bytes));
    if (entries_ == nullptr) return false;
  }
  owns_entries_ = true;
  return true;
}

// ---- Elements. What is written into the table's own array lies behind its end.

bool Growth::copy_elements(std::int64_t& budget) {
  const std::uint64_t all = std::min(array_count_, array_capacity_);
  new_array_count_ = static_cast<std::uint32_t>(all);
  if (!owns_array_ || all == 0) return true;
  const std::uint64_t end =
      std::min(all, position_ + static_cast<std::uint64_t>(budget) * kCopiedAtOnce);
  budget -= static_cast<std::int64_t>((end - position_) / kCopiedAtOnce);
  if (extends_array_) {
    // They are there.
  } else if (packed_ == table_->array.packed()) {
    std::memcpy(array_.place(position_), table_->array.place(position_),
                array_.bytes(end - position_));
  } else {
    for (std::uint64_t n = position_; n < end; ++n) array_.set(n, table_->array[n]);
  }
  position_ = end;
  return end == all;
}

bool Growth::clear_elements(std::int64_t& budget) {
  const std::uint64_t from = new_array_count_;
  const std::uint64_t end = std::min(std::max(element_end_, from),
                                     from + static_cast<std::uint64_t>(budget) * kClearedAtOnce);
  budget -= static_cast<std::int64_t>((end - from) / kClearedAtOnce);
  for (std::uint64_t i = from; i < end; ++i) array_.set(i, Value::nil());
  new_array_count_ = static_cast<std::uint32_t>(end);
  return end >= element_end_;
}

bool Growth::move_elements(std::int64_t& budget) {
  if ((table_->flags & kTableIntegerEntries) == 0 || purpose_ == Purpose::Array) return true;
  const std::uint64_t end = end_of_piece(entry_total(), budget);
  for (; position_ < end; ++position_) {
    const Entry& entry = table_->entries[position_];
    if (entry.value_is_nil() || !becomes_element(entry)) continue;
    array_.set(entry.key_bits - 1, entry.value());
  }
  return position_ == entry_total();
}

bool Growth::trim(std::int64_t& budget) {
  while (new_array_count_ > 0 && array_[new_array_count_ - 1].is_nil()) {
    if (budget <= 0) return false;
    --new_array_count_;
    --budget;
  }
  return true;
}

// ---- Entries: those that stay, in their order, then the elements that leave the array.

bool Growth::copy_entries(std::int64_t& budget) {
  if (position_ == 0) new_entry_count_ = 0;
  const std::uint64_t end = end_of_piece(entry_total(), budget);
  if (extends_entries_) {
    has_integers_ = (table_->flags & kTableIntegerEntries) != 0;
    new_entry_count_ = static_cast<std::uint32_t>(end);
    position_ = end;
    return end == entry_total();
  }
  Entry* to = entries_ + new_entry_count_;
  for (; position_ < end; ++position_) {
    const Entry& entry = table_->entries[position_];
    if (entry.value_is_nil() || becomes_element(entry)) continue;
    has_integers_ = has_integers_ || entry.key_tag() == Tag::Integer;
    *to++ = entry;
  }
  new_entry_count_ = static_cast<std::uint32_t>(to - entries_);
  return position_ == entry_total();
}

bool Growth::drop_elements(std::int64_t& budget) {
  const std::uint64_t end = end_of_piece(dropped_total(), budget);
  for (; position_ < end; ++position_) {
    const std::uint64_t place = array_capacity_ + position_;
    const Value value = table_->array[place];
    if (value.is_nil()) continue;
    has_integers_ = true;
    Entry& to = entries_[new_entry_count_++];
    to.word = 0;
    to.set_value(value);
    to.set_key(place + 1, Tag::Integer);
  }
  return position_ == dropped_total();
}

bool Growth::clear_index(std::int64_t& budget) {
  const std::uint64_t all = index_size(static_cast<std::uint32_t>(entry_capacity_));
  if (all == 0) return true;
  auto* index = reinterpret_cast<std::uint32_t*>(entries_ + entry_capacity_);
  constexpr std::uint64_t kAtOnce = kCopiedAtOnce * 4;
  const std::uint64_t end = std::min(all, position_ + static_cast<std::uint64_t>(budget) * kAtOnce);
  budget -= static_cast<std::int64_t>((end - position_) / kAtOnce);
  std::memset(index + position_, 0xff, (end - position_) * sizeof *index);
  position_ = end;
  return end == all;
}

bool Growth::fill_index(std::int64_t& budget) {
  const std::uint32_t size = index_size(static_cast<std::uint32_t>(entry_capacity_));
  if (size == 0) return true;
  auto* index = reinterpret_cast<std::uint32_t*>(entries_ + entry_capacity_);
  const std::uint32_t mask = size - 1;
  const std::uint64_t end = end_of_piece(new_entry_count_, budget);
  for (; position_ < end; ++position_) {
    std::uint32_t i = hash_of(entries_[position_]) & mask;
    while (index[i] != kNoEntry) i = (i + 1) & mask;
    index[i] = static_cast<std::uint32_t>(position_);
  }
  return position_ == new_entry_count_;
}

// ---- The end.

void Growth::commit(Heap& heap) {
  Table& table = *table_;
  if (owns_array_) {
    if (extends_array_) {
      heap.forget_extended(table, table.array.bytes(table.array_capacity));
    } else if (table.array_capacity != 0) {
      heap.release_part(table, table.array.block(), table.array.bytes(table.array_capacity));
    }
    table.array = array_;
    table.array_capacity = array_capacity_;
  }
  table.array_count = new_array_count_;
  if (changes_entries_) {
    if (owns_entries_) {
      if (extends_entries_) {
        heap.forget_extended(table, entries_bytes(table.entry_capacity));
      } else if (table.entry_capacity != 0) {
        heap.release_part(table, table.entries, entries_bytes(table.entry_capacity));
      }
      table.entries = entries_;
      table.entry_capacity = static_cast<std::uint32_t>(entry_capacity_);
    }
    table.entry_count = new_entry_count_;
    const std::uint32_t size = index_size(table.entry_capacity);
    table.set_index_mask(size == 0 ? kNoIndex : size - 1);
    table.flags &= static_cast<std::uint8_t>(~kTableIntegerEntries);
    if (has_integers_) table.flags |= kTableIntegerEntries;
  }
  heap.table_moved(table);
}

void Growth::drop(Heap& heap) {
  if (extends_array_) {
    heap.forget_extended(*table_, array_.bytes(array_capacity_));
  } else if (owns_array_ && array_capacity_ != 0) {
    heap.release_part(*table_, array_.block(), array_.bytes(array_capacity_));
  }
  if (extends_entries_) {
    heap.forget_extended(*table_, entries_bytes(static_cast<std::uint32_t>(entry_capacity_)));
  } else if (owns_entries_ && entries_ != nullptr) {
    heap.release_part(*table_, entries_,
                      entries_bytes(static_cast<std::uint32_t>(entry_capacity_)));
  }
  owns_array_ = owns_entries_ = extends_array_ = extends_entries_ = false;
}

// ---- One stage after the other.

bool Growth::run_stage(std::int64_t& budget) {
  switch (stage_) {
    case Stage::CountElements:
      return count_elements(budget);
    case Stage::CountEntries:
      return count_entries(budget);
    case Stage::SortEntries:
      return sort_entries(budget);
    case Stage::CountDropped:
      return count_dropped(budget);
    case Stage::CopyElements:
      return copy_elements(budget);
    case Stage::ClearElements:
      return clear_elements(budget);
    case Stage::MoveElements:
      return move_elements(budget);
    case Stage::Trim:
      return trim(budget);
    case Stage::CopyEntries:
      return copy_entries(budget);
    case Stage::DropElements:
      return drop_elements(budget);
    case Stage::ClearIndex:
      return clear_index(budget);
    case Stage::FillIndex:
      return fill_index(budget);
    default:
      return true;
  }
}

// Between two stages.
void Growth::go_on(Stage ended) {
  position_ = 0;
  stage_ = static_cast<Stage>(static_cast<int>(ended) + 1);
  if (ended == Stage::CountEntries) choose_array_capacity();
  if (ended == Stage::SortEntries && purpose_ != Purpose::Entries) {
    // An array that holds all it has to is left as it is.
    if (table_->array_capacity <= array_capacity_ && element_end_ <= table_->array_capacity) {
      array_capacity_ = table_->array_capacity;
    }
  }
  if (ended == Stage::CountDropped) {
    choose_entry_capacity();
    if (purpose_ == Purpose::ArrayForKey && (changes_entries_ || !key_is_element())) {
      stage_ = Stage::Refused;
    }
  }
  if (ended == Stage::Trim && !changes_entries_) stage_ = Stage::Commit;
}

Grown Growth::run(Heap& heap, bool whole) {
  std::int64_t budget = whole ? kNoEnd : kGrowthPiece;
  for (;;) {
    // Entries that are compacted where they are: from here on the table changes.
    if (stage_ == Stage::CopyEntries && !owns_entries_) budget = kNoEnd;
    switch (stage_) {
      case Stage::Refused:
        return Grown::Done;
      case Stage::Allocate:
        if (!allocate(heap)) return Grown::NoMemory;
        break;
      case Stage::Commit:
        commit(heap);
        return Grown::Done;
      default:
        if (budget <= 0 || !run_stage(budget)) return Grown::Again;
        break;
    }
    go_on(stage_);
  }
}

// For small tables, which would notice what it costs to go from stage to stage.
Grown Growth::run_whole(Heap& heap) {
  std::int64_t budget = kNoEnd;
  if (stage_ == Stage::CountElements) {
    count_elements(budget);
    position_ = 0;
    count_entries(budget);
    go_on(Stage::CountEntries);
  }
  if (stage_ == Stage::SortEntries) {
    sort_entries(budget);
    go_on(Stage::SortEntries);
    count_dropped(budget);
    go_on(Stage::CountDropped);
    if (stage_ == Stage::Refused) return Grown::Done;
  }
  if (stage_ == Stage::Allocate) {
    if (!allocate(heap)) return Grown::NoMemory;
    copy_elements(budget);
    clear_elements(budget);
    position_ = 0;
    move_elements(budget);
  }
  trim(budget);
  if (changes_entries_) {
    position_ = 0;
    copy_entries(budget);
    position_ = 0;
    drop_elements(budget);
    position_ = 0;
    clear_index(budget);
    position_ = 0;
    fill_index(budget);
  }
  commit(heap);
  return Grown::Done;
}

// ---- Waiting.

bool Heap::keep_growth(const Growth& waiting) {
  drop_growth();
  growth = new (std::nothrow) Growth(waiting);
  if (growth == nullptr) return false;
  debt -= kDebtAside;
  return true;
}

void Heap::forget_growth() {
  delete growth;
  growth = nullptr;
  debt += kDebtAside;
}

void Heap::drop_waiting_growth() {
  if (growth != nullptr) {
    growth->drop(*this);
    forget_growth();
  }
  if (string_work != nullptr && string_work->on_drop != nullptr) {
    string_work->on_drop(string_work->context);
  }
  forget_string_work();
  grows_whole = true;
}

}  // namespace moonlet::heap
