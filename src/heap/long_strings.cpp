#include "heap/long_strings.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/entropy.hpp"
#include "base/siphash.hpp"
#include "heap/table.hpp"

namespace moonlet::heap {
StringWork resumed(Heap& heap, const StringWork& work) {
  StringWork* waiting = heap.string_work;
  if (waiting == nullptr) return work;
  if (waiting->kind == work.kind && waiting->first == work.first &&
      waiting->second == work.second) {
    return *waiting;
  }
  heap.drop_growth();
  return work;
}

bool wait(Heap& heap, const StringWork& work) {
  if (!heap.keep_string_work(work)) return false;
  heap.refusal = Refusal::Again;
  return true;
}

void end_work(Heap& heap) {
  heap.forget_string_work();
  heap.grows_whole = false;
}

namespace {

std::uint64_t hash_piece(std::string_view piece, std::uint64_t hash) {
  const base::HashKey& key = base::process_hash_key();
  return base::siphash13({key.low ^ hash, key.high}, piece);
}

int sign(std::size_t a, std::size_t b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace

std::uint32_t string_hash(const String& string) {
  if (!string.is_long() || (string.flags & kStringHasHash) != 0) return string.hash;
  std::uint64_t hash = 0;
  for (std::uint64_t at = 0; at < string.size; at += kHashPieceBytes) {
    hash = hash_piece(string.view().substr(at, kHashPieceBytes), hash);
  }
  const auto low = static_cast<std::uint32_t>(hash);
  if (!string.is_permanent()) {
    auto& own = const_cast<String&>(string);
    own.hash = low;
    own.flags |= kStringHasHash;
  }
  return low;
}

bool hash_in_pieces(Heap& heap, String& string) {
  if (heap.grows_whole || string.is_permanent()) {
    (void)string_hash(string);
    return true;
  }
  StringWork work = resumed(heap, {StringWork::Kind::Hash, &string, nullptr, nullptr});
  work.hash = hash_piece(string.view().substr(work.position, kHashPieceBytes), work.hash);
  work.position += kHashPieceBytes;
  if (work.position < string.size) {
    if (wait(heap, work)) return false;
    (void)string_hash(string);
  } else {
    string.hash = static_cast<std::uint32_t>(work.hash);
    string.flags |= kStringHasHash;
  }
  end_work(heap);
  return true;
}

Compared compare_in_pieces(Heap& heap, const String& a, const String& b) {
  const std::uint64_t shorter = std::min(a.size, b.size);
  if (shorter <= kStringPieceBytes || heap.grows_whole) {
    const int order = std::memcmp(a.data(), b.data(), shorter);
    return {true, order != 0 ? order : sign(a.size, b.size)};
  }
  StringWork work = resumed(heap, {StringWork::Kind::Compare, &a, &b, nullptr});
  std::uint64_t size = std::min(shorter - work.position, kStringPieceBytes);
  int order = std::memcmp(a.data() + work.position, b.data() + work.position, size);
  work.position += size;
  if (order == 0 && work.position < shorter) {
    if (wait(heap, work)) return {false, 0};
    size = shorter - work.position;
    order = std::memcmp(a.data() + work.position, b.data() + work.position, size);
  }
  end_work(heap);
  return {true, order != 0 ? order : sign(a.size, b.size)};
}

Joining join_in_pieces(Heap& heap, std::size_t size) {
  StringWork work = resumed(heap, {StringWork::Kind::Join, nullptr, nullptr, nullptr});
  if (work.joined == nullptr || work.joined->size != size) {
    work.joined = heap.new_long_string_raw(size);
    work.position = 0;
  }
  const bool is_whole = size <= kStringPieceBytes || heap.grows_whole;
  return {work.joined, work.position,
          is_whole ? size : std::min<std::uint64_t>(size, work.position + kStringPieceBytes)};
}

bool end_piece(Heap& heap, const Joining& joining) {
  if (joining.end < joining.string->size) {
    StringWork work{StringWork::Kind::Join, nullptr, nullptr, joining.string};
    work.position = joining.end;
    if (wait(heap, work)) return false;
    heap.refusal = Refusal::Host;
    heap.grows_whole = true;
    return false;
  }
  if (joining.string->size > kStringPieceBytes) end_work(heap);
  return true;
}

bool copy_in_pieces(Heap& heap, Value* to, const Value* from, std::size_t count) {
  std::size_t position = 0;
  std::size_t end = count;
  if (count > kValuesPiece && !heap.grows_whole) {
    // The first piece is none: what has led here may have taken as long.
    StringWork work = resumed(heap, {StringWork::Kind::Copy, to, from, nullptr});
    position = work.position == 0 ? 0 : work.position - 1;
    end = work.position == 0 ? 0 : std::min(count, position + kValuesPiece);
    std::memmove(static_cast<void*>(to + position), from + position,
                 (end - position) * sizeof(Value));
    work.position = end + 1;
    if (end < count && wait(heap, work)) return false;
    position = end;
    end = count;
  }
  std::memmove(static_cast<void*>(to + position), from + position,
               (end - position) * sizeof(Value));
  if (count > kValuesPiece) end_work(heap);
  return true;
}

Table* table_that_waits(Heap& heap, const Value* values) {
  const StringWork* work = heap.string_work;
  if (work == nullptr || work->kind != StringWork::Kind::Store || work->second != values) {
    return nullptr;
  }
  return static_cast<Table*>(const_cast<void*>(work->first));
}

// ---- Waiting.

bool Heap::keep_string_work(const StringWork& work) {
  if (string_work == nullptr) {
    drop_growth();
    string_work = new (std::nothrow) StringWork;
    if (string_work == nullptr) return false;
    debt -= kDebtAside;
  }
  *string_work = work;
  return true;
}

void Heap::forget_string_work() {
  if (string_work == nullptr) return;
  delete string_work;
  string_work = nullptr;
  debt += kDebtAside;
}

}  // namespace moonlet::heap
