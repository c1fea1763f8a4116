// What the tests of this folder share: a heap with roots, and allocators that keep count.
#pragma once

#include <cstdlib>
#include <string>

#include "heap/heap.hpp"
#include "heap/table.hpp"

namespace moonlet::heap {

// Knows what it gave out, and can be told to run dry.
struct CountingHost {
  std::size_t blocks = 0;
  std::size_t bytes = 0;
  std::size_t bytes_peak = 0;
  std::size_t bytes_max = SIZE_MAX;

  HostAllocator allocator() { return {allocate, release, resize, this}; }

 private:
  static void* allocate(void* context, std::size_t bytes) {
    auto& self = *static_cast<CountingHost*>(context);
    if (bytes > self.bytes_max - self.bytes) return nullptr;
    ++self.blocks;
    self.bytes += bytes;
    if (self.bytes > self.bytes_peak) self.bytes_peak = self.bytes;
    return std::malloc(bytes);
  }
  static void release(void* context, void* block, std::size_t bytes) {
    auto& self = *static_cast<CountingHost*>(context);
    --self.blocks;
    self.bytes -= bytes;
    std::free(block);
  }
  // As long as it is asked for more than it has; so there are both answers.
  static void* resize(void* context, void* block, std::size_t bytes, std::size_t wanted) {
    auto& self = *static_cast<CountingHost*>(context);
    if (wanted < bytes || wanted - bytes > self.bytes_max - self.bytes) return nullptr;
    self.bytes += wanted - bytes;
    if (self.bytes > self.bytes_peak) self.bytes_peak = self.bytes;
    return std::realloc(block, wanted);
  }
};

// A heap with a fresh main thread, globals and the names of events.
struct TestHeap : Heap {
  TestHeap() : TestHeap(default_host_allocator()) {}
  explicit TestHeap(const HostAllocator& host) : Heap(host) {
    poison_freed = true;
    main_thread = current_thread = new_thread(16);
    globals = new_table();
    static constexpr const char* kNames[] = {
#define ML_EVENT(name, text) text,
#include "heap/events.def"
    };
    for (int i = 0; i < kEventCount; ++i) names.names[i] = new_string(kNames[i]);
    event_names = &names;
  }
  EventNames names;

  Value string(std::string_view text) { return Value::from(new_string(text)); }
  Value table() { return Value::from(new_table()); }
  // A table whose metatable has the given __mode.
  Table* weak_table(std::string_view weakness) {
    Table* table = new_table();
    Table* metatable = new_table();
    (void)set_field(*this, *metatable, "__mode", string(weakness));
    table->metatable = metatable;
    return table;
  }
  bool set(Table* table, const Value& key, const Value& value) {
    return table_set(*this, *table, key, value) == SetResult::Ok;
  }
  void set_global(std::string_view name, const Value& value) {
    (void)set_field(*this, *globals, name, value);
  }
  // A slice, and those that have to follow before anything may change.
  void step() {
    Heap::step();
    unblock();
  }
  // The problem that check_heap() finds; empty when there is none.
  std::string check() {
    std::string problem;
    check_heap(*this, problem);
    return problem;
  }
};

// Small, and the same everywhere.
struct TestRandom {
  std::uint64_t state;
  std::uint32_t next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state >> 33);
  }
  std::uint32_t below(std::uint32_t bound) { return next() % bound; }
};

}  // namespace moonlet::heap
