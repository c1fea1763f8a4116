#include "frontend/name.hpp"

#include <cstring>

namespace moonlet::frontend {
namespace {

constexpr std::uint64_t kMultiplier1 = 0x9e3779b97f4a7c15u;
constexpr std::uint64_t kMultiplier2 = 0xd1b54a32d192ed03u;
constexpr std::size_t kFirstCapacity = 256;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ typedef unsigned __int128 Wide;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <typename Word>
std::uint64_t load(const char* data) {
  Word word;
  std::memcpy(&word, data, sizeof word);
  return word;
}

// Up to eight bytes as one word. Reads of fixed sizes overlap where the size is between two of
// them.
std::uint64_t load_short(const char* data, std::size_t size) {
  if (size >= 4) {
    return load<std::uint32_t>(data) | load<std::uint32_t>(data + size - 4) << 32;
  }
  if (size == 0) {
    return 0;
  }
  const auto byte = [data](std::size_t i) { return load<std::uint8_t>(data + i); };
  return byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  const char* data = text.data();
  const std::size_t size = text.size();
  const std::uint64_t start = seed ^ size;
  if (size <= 8) {
    return mix(start ^ load_short(data, size), kMultiplier2);
  }
  std::uint64_t hash = start;
  const char* last = data + size - 8;
  for (; data < last; data += 8) {
    hash = mix(hash ^ load<std::uint64_t>(data), kMultiplier1);
  }
  return mix(hash ^ load<std::uint64_t>(last), kMultiplier2);
}

// REQUIRES: the sizes are equal.
bool same_bytes(const char* a, const char* b, std::size_t size) {
  return size <= 8 ? load_short(a, size) == load_short(b, size) : std::memcmp(a, b, size) == 0;
}

}  // namespace

// The seed only has to be unknown to who writes hostile sources; nothing that a compilation
// produces depends on it, because names are never walked in the order of the table.
NameTable::NameTable(Arena& arena)
    : arena_(arena),
      seed_(mix(reinterpret_cast<std::uintptr_t>(this) | 1, kMultiplier2)),
      mask_(kFirstCapacity - 1),
      slots_(kFirstCapacity) {}

Name* NameTable::find_or_add(std::string_view text, bool copy) {
  const std::uint64_t hash = hash_text(text, seed_);
  std::size_t i = hash & mask_;
  for (; slots_[i].name != nullptr; i = (i + 1) & mask_) {
    Name* name = slots_[i].name;
    if (slots_[i].hash == hash && name->size == text.size() &&
        same_bytes(name->data, text.data(), text.size())) {
      return name;
    }
  }
  if (copy) {
    char* data = static_cast<char*>(arena_.allocate(text.size()));
    if (!text.empty()) {
      std::memcpy(data, text.data(), text.size());
    }
    text = {data, text.size()};
  }
  Name* name = arena_.make<Name>();
  name->data = text.data();
  name->size = static_cast<std::uint32_t>(text.size());
  slots_[i] = {hash, name};
  if (++count_ * 2 > mask_) {
    grow();
  }
  return name;
}

void NameTable::grow() {
  std::vector<Slot> old = std::move(slots_);
  mask_ = mask_ * 2 + 1;
  slots_ = std::vector<Slot>(mask_ + 1);
  for (const Slot& slot : old) {
    if (slot.name == nullptr) {
      continue;
    }
    std::size_t i = slot.hash & mask_;
    while (slots_[i].name != nullptr) {
      i = (i + 1) & mask_;
    }
    slots_[i] = slot;
  }
}

}  // namespace moonlet::frontend
