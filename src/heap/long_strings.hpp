// Long strings hashed, compared and joined, and long lists of values copied and stored, in pieces,
// with a safepoint after each. The rules are those of growth (table_growth.hpp): whoever is told
// that there is more to do (Refusal::Again) has done nothing yet and starts over; what is under way
// is dropped before anything else happens in the Vm, and then done as a whole.
#pragma once

#include "heap/heap.hpp"

namespace moonlet::heap {

inline constexpr std::uint64_t kHashPieceBytes = 32 * 1024;
inline constexpr std::uint64_t kStringPieceBytes = 64 * 1024;

struct StringWork {
  enum class Kind : std::uint8_t { Hash, Compare, Join, Copy, Store, Load };
  Kind kind;
  const void* first;   // a string; Copy, Store: where the values go; Join: null
  const void* second;  // Compare: a string; Copy, Store: the values
  String* joined;      // Join: garbage, should it be dropped
  std::uint64_t position = 0;
  std::uint64_t hash = 0;
  // Of Store:
  enum class Stage : std::uint8_t { Begin, Trim, Scan, Prepare, Move };
  Stage stage = Stage::Begin;
  Tag tag = Tag::Nil;       // of all values
  std::uint32_t count = 0;  // without nils at the end
  // Of Load (stdlib/load_task.hpp): called when it is dropped.
  void (*on_drop)(void* context) = nullptr;
  void* context = nullptr;
};
// The same work, if it waits; any other is dropped.
StringWork resumed(Heap& heap, const StringWork& work);
// Notes that there is more to do (Refusal::Again). False: without memory for a note, it cannot
// wait.
[[nodiscard]] bool wait(Heap& heap, const StringWork& work);
void end_work(Heap& heap);

// Is the string so long that hashing it takes several pieces, and not yet hashed?
inline bool is_long_to_hash(const String& string) {
  return (string.flags & (kStringIsLong | kStringHasHash)) == kStringIsLong &&
         string.size > kHashPieceBytes;
}
// Makes sure that it is hashed. False: there is more to do.
[[nodiscard]] bool hash_in_pieces(Heap& heap, String& string);

struct Compared {
  bool is_done;
  int order;  // below, at or above 0, by bytes
};
[[nodiscard]] Compared compare_in_pieces(Heap& heap, const String& a, const String& b);

// A string of `size` bytes to be filled from `position` on, for a step or for as long as `end`
// says.
struct Joining {
  String* string;  // nullptr: no memory
  std::uint64_t position;
  std::uint64_t end;
};
[[nodiscard]] Joining join_in_pieces(Heap& heap, std::size_t size);
// Values copied to where nobody looks yet. False: there is more to do.
inline constexpr std::size_t kValuesPiece = 4 * 1024;
[[nodiscard]] bool copy_in_pieces(Heap& heap, Value* to, const Value* from, std::size_t count);

// The table that these values are being stored in; nullptr: they are not.
Table* table_that_waits(Heap& heap, const Value* values);

// What join_in_pieces() asked for is there. False: there is more to do.
[[nodiscard]] bool end_piece(Heap& heap, const Joining& joining);

}  // namespace moonlet::heap
