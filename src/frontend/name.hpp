// Interned texts of one compilation: names, and the values of string literals. Equal texts are one
// Name, so that everything after the lexer compares pointers, and whatever is known about a name at
// the moment hangs on it: its innermost variable, its label, its place among the constants.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/pace.hpp"
#include "bytecode/chunk.hpp"
#include "frontend/arena.hpp"

namespace moonlet::frontend {

struct Local;
struct Label;

struct Name {
  const char* data = nullptr;
  std::uint32_t size = 0;
  std::uint32_t reserved_word = 0;  // the language's token, 0 for an ordinary name

  // Kept by the scope: what the name means at the place that is being parsed.
  Local* binding = nullptr;
  Label* label = nullptr;

  // Kept by the code generator.
  std::uint32_t string = bytecode::kNoString;  // index into ChunkStrings
  std::uint32_t string_owner = 0;              // number of the function that used it last
  std::uint32_t constant_owner = 0;            // number of the function that has it in its
  std::uint32_t constant_index = 0;            //   constants, and where

  std::string_view text() const { return {data, size}; }
};

class NameTable {
 public:
  // `pace` may be null.
  explicit NameTable(Arena& arena, base::Pace* pace = nullptr);

  // The text must outlive the table.
  Name* intern(std::string_view text) { return find_or_add(text, Storage::Kept); }
  // The same of up to eight bytes, which are `key` (base::first_bytes).
  Name* intern_short(std::string_view text, std::uint64_t key) {
    std::size_t i = slot_of(key, text.size());
    for (; slots_[i].name != nullptr; i = (i + 1) & mask_) {
      if (slots_[i].key == key && slots_[i].name->size == text.size()) return slots_[i].name;
    }
    return add(text, key, i, Storage::Kept);
  }
  // Of a text that is known to be no other one's: nobody else will find it, and it is not looked
  // at.
  Name* make_unlisted(std::string_view text);
  // Copies a text that is new.
  Name* intern_copy(std::string_view text) { return find_or_add(text, Storage::Copied); }

 private:
  // Whether the text stays where it is.
  enum class Storage : std::uint8_t { Kept, Copied };

  // The key of a text of up to eight bytes is these bytes, so that an equal key and an equal size
  // are an equal text; the key of a longer one is its hash.
  struct Slot {
    std::uint64_t key = 0;
    Name* name = nullptr;
  };

  static constexpr std::uint64_t kMultiplier = 0xd1b54a32d192ed03u;

  static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    __extension__ typedef unsigned __int128 Wide;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  // Keys of long texts are hashes already, but to take them for words does no harm.
  std::size_t slot_of(std::uint64_t key, std::size_t size) const {
    return mix(key ^ seed_ ^ size, kMultiplier) & mask_;
  }

  Name* find_or_add(std::string_view text, Storage storage);
  Name* add(std::string_view text, std::uint64_t key, std::size_t slot, Storage storage);
  std::uint64_t hash_long(std::string_view text) const;
  void grow();

  Arena& arena_;
  base::Pace* pace_;
  std::uint64_t seed_;
  std::size_t count_ = 0;
  std::size_t mask_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace moonlet::frontend
