// What weak tables referred to when it was not marked, and which of it waits for its key.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>

#include "heap/object.hpp"

namespace moonlet::heap {

enum class WeakPlace : std::uint8_t { Element, Field, EntryValue, EntryKey };

struct WeakReference {
  Object* referent;
  Table* table;
  std::uint32_t place;      // number of the element, field or entry
  std::uint32_t next : 30;  // of an ephemeron's key: another entry of it, or kNoReference
  WeakPlace kind : 2;
};
inline constexpr std::uint32_t kNoReference = (1u << 30) - 1;

// A list of references, and an index of the first one for each key that is awaited: open
// addressing, and while it grows, the old index beside the new one, so that no insertion takes
// long. Looked up by address: what a script sees depends on the list alone.
class WeakReferences {
 public:
  std::size_t size() const { return list_.size(); }
  WeakReference& operator[](std::size_t n) { return list_[n]; }
  bool is_full() const { return list_.size() >= kNoReference; }
  std::uint32_t push_back(const WeakReference& reference) {
    list_.push_back(reference);
    return static_cast<std::uint32_t>(list_.size() - 1);
  }
  // Makes the reference, which is the last one, known by its key.
  void await(std::uint32_t number);
  // The first one of a key that is awaited.
  std::uint32_t first(const Object* key) const;
  // Gives some memory back; false: there is none left.
  bool release_some();

 private:
  struct Free {
    void operator()(std::uint32_t* slots) const { std::free(slots); }
  };
  struct Index {
    std::unique_ptr<std::uint32_t[], Free> slots;  // number + 1; 0: free
    std::size_t capacity = 0;                      // a power of two
  };
  std::size_t find(const Index& index, const Object* key) const;
  void insert(std::uint32_t number);
  void grow();
  void move_some();

  std::deque<WeakReference> list_;
  Index index_;
  Index old_;
  std::size_t moved_ = 0;  // slots of the old index
  std::size_t count_ = 0;
};

}  // namespace moonlet::heap
