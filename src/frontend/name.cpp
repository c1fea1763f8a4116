#include "frontend/name.hpp"

#include <cstring>

#include "base/word.hpp"

namespace moonlet::frontend {
namespace {

constexpr std::size_t kFirstCapacity = 256;

}  // namespace

// The seed only has to be unknown to who writes hostile sources; nothing that a compilation
// produces depends on it, because names are never walked in the order of the table.
NameTable::NameTable(Arena& arena, base::Pace* pace)
    : arena_(arena),
      pace_(pace),
      seed_(mix(reinterpret_cast<std::uintptr_t>(this) | 1, kMultiplier)),
      mask_(kFirstCapacity - 1),
      slots_(kFirstCapacity) {}

std::uint64_t NameTable::hash_long(std::string_view text) const {
  constexpr std::uint64_t kOther = 0x9e3779b97f4a7c15u;
  const char* data = text.data();
  std::uint64_t hash = seed_ ^ text.size();
  const char* last = data + text.size() - 8;
  for (; data < last; data += 8) {
    hash = mix(hash ^ base::load_word(data), kOther);
  }
  return mix(hash ^ base::load_word(last), kMultiplier);
}

Name* NameTable::find_or_add(std::string_view text, Storage storage) {
  const std::size_t size = text.size();
  const bool is_short = size <= 8;
  std::uint64_t key;
  if (is_short) {
    char bytes[8] = {};
    text.copy(bytes, size);
    key = base::load_word(bytes);
  } else {
    key = hash_long(text);
  }
  std::size_t i = slot_of(key, size);
  for (; slots_[i].name != nullptr; i = (i + 1) & mask_) {
    Name* name = slots_[i].name;
    if (slots_[i].key == key && name->size == size &&
        (is_short || std::memcmp(name->data, text.data(), size) == 0)) {
      return name;
    }
  }
  return add(text, key, i, storage);
}

Name* NameTable::make_unlisted(std::string_view text) {
  Name* name = arena_.make<Name>();
  name->data = text.data();
  name->size = static_cast<std::uint32_t>(text.size());
  return name;
}

Name* NameTable::add(std::string_view text, std::uint64_t key, std::size_t slot, Storage storage) {
  if (storage == Storage::Copied) {
    char* data = static_cast<char*>(arena_.allocate(text.size()));
    text.copy(data, text.size());
    text = {data, text.size()};
  }
  Name* name = make_unlisted(text);
  slots_[slot] = {key, name};
  if (++count_ * 2 > mask_) {
    grow();
  }
  return name;
}

void NameTable::grow() {
  std::vector<Slot> old = std::move(slots_);
  mask_ = mask_ * 2 + 1;
  slots_ = std::vector<Slot>(mask_ + 1);
  std::size_t moved = 0;
  for (const Slot& slot : old) {
    if (++moved % 32 == 0 && pace_ != nullptr) pace_->spend();
    if (slot.name == nullptr) {
      continue;
    }
    std::size_t i = slot_of(slot.key, slot.name->size);
    while (slots_[i].name != nullptr) {
      i = (i + 1) & mask_;
    }
    slots_[i] = slot;
  }
}

}  // namespace moonlet::frontend
