// A stretch of free memory that knows its size, in memory that it describes itself:
//
//    0                  8
//   | next | is_tiny 0 | bytes |      of at least 16 bytes
//   | next | is_tiny 1 |              of 8 bytes, which have no room for more
#pragma once

#include "heap/heap.hpp"

namespace moonlet::heap {

struct Heap::FreeRun {
  std::uintptr_t next_and_tiny;
  std::size_t size;  // not there when tiny

  static FreeRun* make(void* memory, std::size_t bytes, FreeRun* next) {
    auto* run = static_cast<FreeRun*>(memory);
    run->next_and_tiny = reinterpret_cast<std::uintptr_t>(next);
    if (bytes == kTinyBytes) {
      run->next_and_tiny |= 1;
    } else {
      run->size = bytes;
    }
    return run;
  }
  FreeRun* next() const { return reinterpret_cast<FreeRun*>(next_and_tiny & ~std::uintptr_t{1}); }
  void set_next(FreeRun* run) {
    next_and_tiny = reinterpret_cast<std::uintptr_t>(run) | (next_and_tiny & 1);
  }
  std::size_t bytes() const { return (next_and_tiny & 1) != 0 ? kTinyBytes : size; }
  char* end() { return reinterpret_cast<char*>(this) + bytes(); }

  static constexpr std::size_t kTinyBytes = 8;
};

}  // namespace moonlet::heap
