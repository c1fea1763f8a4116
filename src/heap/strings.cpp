// Strings: interned when short, on their own when long.
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/entropy.hpp"
#include "heap/heap.hpp"
#include "heap/table.hpp"

namespace moonlet::heap {
namespace {

constexpr std::uint32_t kStringSetMin = 16;
constexpr std::uint32_t kKeptStringSet = 64;
// Slots of a set that gets another size: so many are moved at an insertion, in a slice of the
// collector, and, of a small set, at once. Zeroing costs less.
constexpr std::uint32_t kSlotsAtInsertion = 16;
constexpr std::uint32_t kSlotsAtOnce = 256;
constexpr std::uint32_t kMovedAtOnce = 1024;
constexpr std::uint32_t kZeroedForMoved = 8;
// Head room for the header, so that sizes in bytes fit 32 bits with it.
constexpr std::size_t kStringSizeMax = 0xffffffff - 64;

constexpr int kAddressBits = 48;
constexpr std::uint64_t tag_of(std::uint32_t hash) { return hash >> 16; }
std::uint64_t slot_of(String* string) {
  return tag_of(string->hash) << kAddressBits | reinterpret_cast<std::uintptr_t>(string);
}
String* string_of(std::uint64_t slot) {
  return reinterpret_cast<String*>(slot & ((std::uint64_t{1} << kAddressBits) - 1));
}

template <typename Word>
ML_ALWAYS_INLINE Word load_word(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Of short strings, without a call: words of 8, 4 or 2 bytes, the last of which may overlap.
ML_ALWAYS_INLINE bool is_equal_short(const char* a, const char* b, std::size_t size) {
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (load_word<std::uint64_t>(a + at) != load_word<std::uint64_t>(b + at)) return false;
    }
    return load_word<std::uint64_t>(a + size - 8) == load_word<std::uint64_t>(b + size - 8);
  }
  if (size >= 4) {
    return load_word<std::uint32_t>(a) == load_word<std::uint32_t>(b) &&
           load_word<std::uint32_t>(a + size - 4) == load_word<std::uint32_t>(b + size - 4);
  }
  if (size >= 2) {
    return load_word<std::uint16_t>(a) == load_word<std::uint16_t>(b) && a[size - 1] == b[size - 1];
  }
  return size == 0 || a[0] == b[0];
}

bool is_equal(const String& string, std::string_view text, std::uint32_t hash) {
  return string.hash == hash && string.size == text.size() &&
         is_equal_short(string.data(), text.data(), text.size());
}

ML_ALWAYS_INLINE String* find_in(const StringSet& set, std::string_view text, std::uint32_t hash) {
  if (set.capacity == 0) return nullptr;
  const std::uint32_t mask = set.capacity - 1;
  for (std::uint32_t i = hash & mask; set.slots[i] != 0; i = (i + 1) & mask) {
    const std::uint64_t slot = set.slots[i];
    if (slot >> kAddressBits != tag_of(hash)) continue;
    if (String* string = string_of(slot); ML_LIKELY(is_equal(*string, text, hash))) return string;
  }
  return nullptr;
}

void place_in(StringSet& set, std::uint64_t slot, std::uint32_t hash) {
  const std::uint32_t mask = set.capacity - 1;
  std::uint32_t i = hash & mask;
  while (set.slots[i] != 0) i = (i + 1) & mask;
  set.slots[i] = slot;
}

void insert_into(StringSet& set, String* string) {
  place_in(set, slot_of(string), string->hash);
  ++set.count;
}

// A slot of the old set whose string has moved on, or died.
constexpr std::uint64_t kLeft = 8;

// Where the string stands in the old set: matches(it) says which one; nullptr: nowhere.
template <typename Matches>
std::uint64_t* find_in_old(const StringSet& set, std::uint32_t hash, Matches matches) {
  if (set.capacity == 0) return nullptr;
  const std::uint32_t mask = set.capacity - 1;
  for (std::uint32_t i = hash & mask; set.slots[i] != 0; i = (i + 1) & mask) {
    if (set.slots[i] != kLeft && matches(*string_of(set.slots[i]))) return &set.slots[i];
  }
  return nullptr;
}

}  // namespace

std::uint32_t hash_bytes(const Heap& heap, std::string_view text) {
  return static_cast<std::uint32_t>(base::siphash13({heap.hash_key[0], heap.hash_key[1]}, text));
}

void keep_hash(String& string) {
  string.hash = string_hash(string);
  if (string.is_long()) string.flags |= kStringHasHash;
}

// Both have the same layout and extent.
static_assert(sizeof(Buffer) == sizeof(String));
static_assert(buffer_bytes(1001) == string_bytes(1000));

bool can_become_string(const Buffer& buffer) {
  return buffer.size > kShortStringSize && buffer.capacity == buffer.size + 1;
}

String* to_string(Buffer& buffer) {
  ML_ASSERT(can_become_string(buffer));
  const std::uint32_t size = buffer.size;
  buffer.data()[size] = '\0';
  Object* object = &buffer;
  object->kind = Kind::String;
  object->flags = kStringIsLong;
  auto* string = static_cast<String*>(object);
  string->size = size;
  string->hash = 0;
  return string;
}

bool is_equal_long(const String& a, const String& b) { return a.view() == b.view(); }

String* Heap::find_own(std::string_view text, std::uint32_t hash) const {
  String* found = find_in(strings, text, hash);
  if (ML_LIKELY(string_move_ == nullptr) || found != nullptr) return found;
  const std::uint64_t* slot = find_in_old(
      string_move_->old, hash, [&](const String& string) { return is_equal(string, text, hash); });
  return slot == nullptr ? nullptr : string_of(*slot);
}

String* Heap::find_interned(std::string_view text, std::uint32_t hash) {
  if (image_strings != nullptr) {
    if (String* found = find_in(*image_strings, text, hash); found != nullptr) return found;
  }
  String* found = find_own(text, hash);
  if (found != nullptr && (found->mark & kWhites & ~current_white) != 0) {
    // Dead and not yet swept: lives again. Only between two halves of a sweep is there such a one.
    found->mark ^= kWhites;
  }
  return found;
}

String* Heap::find_string(std::string_view text) {
  return text.size() > kShortStringSize ? nullptr : find_interned(text, hash_bytes(*this, text));
}

String* Heap::new_string(std::string_view text) {
  if (text.size() > kShortStringSize) {
    String* string = new_long_string_raw(text.size());
    if (ML_LIKELY(string != nullptr)) std::memcpy(string->data(), text.data(), text.size());
    return string;
  }
  const std::uint32_t hash = hash_bytes(*this, text);
  if (String* found = find_interned(text, hash); found != nullptr) return found;
  if (ML_UNLIKELY(string_move_ != nullptr)) {
    move_strings(kSlotsAtInsertion);
  } else if (strings.count * 2 >= strings.capacity &&
             // Half full at most: each further probe costs a miss in the cache.
             !resize_strings(strings.capacity == 0 ? kStringSetMin : strings.capacity * 2)) {
    return nullptr;
  }
  auto* string = static_cast<String*>(new_object(Kind::String, string_bytes(text.size())));
  if (ML_UNLIKELY(string == nullptr)) return nullptr;
  string->size = static_cast<std::uint32_t>(text.size());
  string->hash = hash;
  if (!text.empty()) std::memcpy(string->data(), text.data(), text.size());
  string->data()[text.size()] = '\0';
  insert_into(strings, string);
  return string;
}

String* Heap::new_long_string_raw(std::size_t size) {
  ML_ASSERT(size > kShortStringSize);
  if (size > kStringSizeMax) return nullptr;
  auto* string = static_cast<String*>(new_object(Kind::String, string_bytes(size)));
  if (ML_UNLIKELY(string == nullptr)) return nullptr;
  string->flags = kStringIsLong;
  string->size = static_cast<std::uint32_t>(size);
  string->hash = 0;
  string->data()[size] = '\0';
  return string;
}

// A large set gets its new size while strings come and go. The new slots are zeroed first, piece by
// piece; then strings move, and those that are new go to the new set.
bool Heap::resize_strings(std::uint32_t capacity) {
  auto* slots = static_cast<std::uint64_t*>(allocate_block(capacity * sizeof(std::uint64_t)));
  if (slots == nullptr) return false;
  string_move_ = std::make_unique<StringMove>();
  string_move_->fresh = {slots, 0, capacity};
  if (strings.capacity < kMovedAtOnce) finish_string_move();
  return true;
}

// Works on so many slots. An insertion moves so many that a set that becomes smaller is not full
// before all have moved.
void Heap::move_strings(std::uint32_t count) {
  StringMove& move = *string_move_;
  if (StringSet& fresh = move.fresh; fresh.capacity != 0) {
    const std::uint32_t zeroed = std::min(count * kZeroedForMoved, fresh.capacity - move.next);
    std::memset(fresh.slots + move.next, 0, zeroed * sizeof(std::uint64_t));
    move.next += zeroed;
    if (move.next < fresh.capacity) return;
    fresh.count = strings.count;
    move.old = strings;
    strings = fresh;
    fresh = {};
    move.next = 0;
  }
  const std::uint32_t end = std::min(move.next + count, move.old.capacity);
  for (; move.next < end; ++move.next) {
    std::uint64_t& slot = move.old.slots[move.next];
    if (slot == 0 || slot == kLeft) continue;
    place_in(strings, slot, string_of(slot)->hash);
    slot = kLeft;
  }
  if (move.next < move.old.capacity) return;
  if (move.old.capacity != 0) {
    release_block(move.old.slots, move.old.capacity * sizeof(std::uint64_t));
  }
  string_move_.reset();
}

void Heap::finish_string_move() {
  while (string_move_ != nullptr) move_strings(kMovedAtOnce);
}

bool Heap::settle_some_strings() {
  if (string_move_ == nullptr) {
    const bool is_too_large =
        strings.capacity > kKeptStringSet && strings.count < strings.capacity / 8;
    // The larger set will do when there is no memory for a smaller one.
    if (!is_too_large || !resize_strings(strings.capacity / 4)) return false;
  }
  if (string_move_ != nullptr) move_strings(kSlotsAtOnce);
  return true;
}

bool Heap::adopt_strings(const StringSet& others) {
  finish_string_move();
  std::uint32_t capacity = strings.capacity == 0 ? kStringSetMin : strings.capacity;
  while (strings.count + others.count > capacity / 2) capacity *= 2;
  if (capacity != strings.capacity && !resize_strings(capacity)) return false;
  finish_string_move();
  for (std::uint32_t i = 0; i < others.capacity; ++i) {
    if (others.slots[i] != 0) insert_into(strings, string_of(others.slots[i]));
  }
  return true;
}

// Removal closes the gap: whoever stands behind it and could have stood there moves up.
void Heap::forget_string(String* string) {
  if (ML_UNLIKELY(string_move_ != nullptr)) {
    std::uint64_t* slot = find_in_old(string_move_->old, string->hash,
                                      [string](const String& other) { return &other == string; });
    if (slot != nullptr) {
      *slot = kLeft;
      --strings.count;
      return;
    }
  }
  const std::uint32_t mask = strings.capacity - 1;
  std::uint32_t gap = string->hash & mask;
  const std::uint64_t slot = slot_of(string);
  while (strings.slots[gap] != slot) {
    ML_ASSERT(strings.slots[gap] != 0);
    gap = (gap + 1) & mask;
  }
  for (std::uint32_t i = (gap + 1) & mask; strings.slots[i] != 0; i = (i + 1) & mask) {
    const std::uint32_t home = string_of(strings.slots[i])->hash & mask;
    if (((i - home) & mask) >= ((i - gap) & mask)) {
      strings.slots[gap] = strings.slots[i];
      gap = i;
    }
  }
  strings.slots[gap] = 0;
  --strings.count;
}

}  // namespace moonlet::heap
