// Where the memory of programs comes from, when the host wants to give it.
#pragma once

#include <cstddef>

namespace moonlet {

// A host's own source of memory: ForkOptions::allocator and ImageOptions::allocator. What a program
// occupies comes from it: objects and all that they refer to, stacks, the lists that find strings
// and free blocks, and the state of a Vm at rest. Records of constant size do not (a few hundred
// bytes for each Vm), nor images, values and states that the host gets, nor the working lists of a
// collection, a freeze or a thaw.
//
// Threads: called by the thread that uses the Vm, which may be another one for each call; when Vms
// of several threads share an allocator, by all of them at once.
// Lifetime: the allocator outlives the Vms that were given it. A destroyed Vm has given everything
// back.
// Calls of the Vm must not be made from these functions.
class Allocator {
 public:
  virtual ~Allocator() = default;

  // Memory aligned to 16 bytes, or nullptr: there is none. Then the program gets the error "not
  // enough memory", after a full collection and a second attempt, or the host's call an error; the
  // Vm stays as usable as before. `bytes` is not 0. Programs ask for chunks of 1 to 64 KiB, of
  // which they cut what is small, and for larger things one by one.
  virtual void* allocate(std::size_t bytes) = 0;

  // Takes back what allocate() or resize() gave, with its size.
  virtual void release(void* block, std::size_t bytes) = 0;

  // Makes a block larger or smaller, with its contents, and answers where it is now. nullptr: it
  // cannot be done, and the block is as it was; it is then copied into a new one. So this need not
  // be there at all. What a program sees does not depend on it.
  virtual void* resize(void* block, std::size_t bytes, std::size_t wanted) {
    static_cast<void>(block);
    static_cast<void>(bytes);
    static_cast<void>(wanted);
    return nullptr;
  }
};

}  // namespace moonlet
