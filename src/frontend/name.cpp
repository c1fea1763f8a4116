#include "frontend/name.hpp"

#include <cstring>

namespace moonlet::frontend {
namespace {

constexpr std::uint64_t kMultiplier1 = 0x9e3779b97f4a7c15u;
constexpr std::uint64_t kMultiplier2 = 0xd1b54a32d192ed03u;
constexpr std::size_t kFirstCapacity = 256;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* data, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, data, size);
  return word;
}

std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  const char* data = text.data();
  std::size_t rest = text.size();
  std::uint64_t hash = seed ^ rest;
  for (; rest > 8; rest -= 8, data += 8) {
    hash = mix(hash ^ load(data, 8), kMultiplier1);
  }
  return mix(hash ^ load(data, rest), kMultiplier2);
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
    if (slots_[i].hash == hash && slots_[i].name->text() == text) {
      return slots_[i].name;
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
