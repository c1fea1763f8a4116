// A host's allocator as heaps know it.
#pragma once

#include "heap/heap.hpp"
#include "moonlet/allocator.hpp"

namespace moonlet::api {

// nullptr: the process's own.
heap::HostAllocator heap_allocator(Allocator* allocator);
// The same, with memory that is made unusable when it is given back: a test aid.
heap::HostAllocator poisoning_allocator(Allocator* allocator);

}  // namespace moonlet::api
