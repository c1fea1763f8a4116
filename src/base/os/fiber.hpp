// A function on a stack of its own, which may pause in the middle. It is resumed by one thread at a
// time, not always the same one: nothing that it calls may keep the address of a thread's own
// variable over a pause.
#pragma once

#include <cstddef>
#include <memory>

namespace moonlet::base::os {

class Fiber {
 public:
  // nullptr: no memory.
  static std::unique_ptr<Fiber> create(std::size_t stack_bytes);
  virtual ~Fiber() = default;  // REQUIRES: nothing has begun, or it has ended

  // REQUIRES: as the destructor. Nothing runs before it is resumed.
  virtual void begin(void (*function)(void* context), void* context) = 0;
  virtual void resume() = 0;  // until it pauses or ends
  virtual void pause() = 0;   // called by the function
  virtual bool has_ended() const = 0;
};

}  // namespace moonlet::base::os
