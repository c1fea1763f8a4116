#include "api/allocator.hpp"

#include <cstring>

namespace moonlet::api {
namespace {

Allocator& host(void* context) { return *static_cast<Allocator*>(context); }

void* allocate(void* context, std::size_t bytes) { return host(context).allocate(bytes); }
void release(void* context, void* block, std::size_t bytes) { host(context).release(block, bytes); }
void* resize(void* context, void* block, std::size_t bytes, std::size_t wanted) {
  return host(context).resize(block, bytes, wanted);
}

void* allocate_any(void* context, std::size_t bytes) {
  const heap::HostAllocator base = heap_allocator(static_cast<Allocator*>(context));
  return base.allocate(base.context, bytes);
}
void release_poisoned(void* context, void* block, std::size_t bytes) {
  const heap::HostAllocator base = heap_allocator(static_cast<Allocator*>(context));
  std::memset(block, 0xdd, bytes);
  base.release(base.context, block, bytes);
}

}  // namespace

heap::HostAllocator heap_allocator(Allocator* allocator) {
  if (allocator == nullptr) return heap::default_host_allocator();
  return {allocate, release, resize, allocator};
}

heap::HostAllocator poisoning_allocator(Allocator* allocator) {
  return {allocate_any, release_poisoned, nullptr, allocator};
}

}  // namespace moonlet::api
