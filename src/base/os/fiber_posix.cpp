#include <cstdint>
#include <new>

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/os/fiber.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define ML_FIBER_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ML_FIBER_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ML_FIBER_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ML_FIBER_THREAD_SANITIZER 1
#endif
#endif
#ifdef ML_FIBER_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef ML_FIBER_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace moonlet::base::os {
namespace {

// What the sanitizers have to be told about a change of stacks.
class Watchers {
 public:
  void begin([[maybe_unused]] void* stack, [[maybe_unused]] std::size_t bytes) {
#ifdef ML_FIBER_ADDRESS_SANITIZER
    inner_stack_ = stack;
    inner_bytes_ = bytes;
#endif
#ifdef ML_FIBER_THREAD_SANITIZER
    inner_ = __tsan_create_fiber(0);
#endif
  }
  void enter() {
#ifdef ML_FIBER_THREAD_SANITIZER
    outer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(inner_, 0);
#endif
#ifdef ML_FIBER_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(&outer_fake_, inner_stack_, inner_bytes_);
#endif
  }
  void has_entered() {
#ifdef ML_FIBER_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(inner_fake_, &outer_stack_, &outer_bytes_);
#endif
  }
  void leave([[maybe_unused]] bool for_good) {
#ifdef ML_FIBER_THREAD_SANITIZER
    __tsan_switch_to_fiber(outer_, 0);
#endif
#ifdef ML_FIBER_ADDRESS_SANITIZER
    __sanitizer_start_switch_fiber(for_good ? nullptr : &inner_fake_, outer_stack_, outer_bytes_);
#endif
  }
  void has_left([[maybe_unused]] bool for_good) {
#ifdef ML_FIBER_ADDRESS_SANITIZER
    __sanitizer_finish_switch_fiber(outer_fake_, nullptr, nullptr);
    if (for_good) inner_fake_ = nullptr;
#endif
#ifdef ML_FIBER_THREAD_SANITIZER
    if (for_good) __tsan_destroy_fiber(inner_);
#endif
  }

 private:
#ifdef ML_FIBER_ADDRESS_SANITIZER
  void* inner_stack_ = nullptr;
  std::size_t inner_bytes_ = 0;
  const void* outer_stack_ = nullptr;
  std::size_t outer_bytes_ = 0;
  void* inner_fake_ = nullptr;
  void* outer_fake_ = nullptr;
#endif
#ifdef ML_FIBER_THREAD_SANITIZER
  void* inner_ = nullptr;
  void* outer_ = nullptr;
#endif
};

// As swapcontext(), which the address sanitizer warns of however it is used.
void change(ucontext_t* from, const ucontext_t* to) {
  volatile bool has_come_back = false;
  getcontext(from);
  if (has_come_back) return;
  has_come_back = true;
  setcontext(to);
}

class PosixFiber final : public Fiber {
 public:
  PosixFiber(char* memory, std::size_t bytes, std::size_t guard)
      : memory_(memory), bytes_(bytes), guard_(guard) {}
  ~PosixFiber() override { munmap(memory_, bytes_); }

  void begin(void (*function)(void*), void* context) override {
    function_ = function;
    context_ = context;
    has_ended_ = false;
    watchers_.begin(memory_ + guard_, bytes_ - guard_);
    getcontext(&inner_);
    inner_.uc_stack.ss_sp = memory_ + guard_;
    inner_.uc_stack.ss_size = bytes_ - guard_;
    inner_.uc_link = nullptr;
    // A context takes numbers of type int.
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    makecontext(&inner_, reinterpret_cast<void (*)()>(&PosixFiber::enter), 2,
                static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
  }
  void resume() override {
    watchers_.enter();
    change(&outer_, &inner_);
    watchers_.has_left(has_ended_);
  }
  void pause() override {
    watchers_.leave(false);
    change(&inner_, &outer_);
    watchers_.has_entered();
  }
  bool has_ended() const override { return has_ended_; }

 private:
  static void enter(unsigned high, unsigned low) {
    auto* self = reinterpret_cast<PosixFiber*>(std::uintptr_t{high} << 32 | low);
    self->watchers_.has_entered();
    self->function_(self->context_);
    self->has_ended_ = true;
    self->watchers_.leave(true);
    setcontext(&self->outer_);
  }

  char* memory_;
  std::size_t bytes_;
  std::size_t guard_;  // at its lower end
  void (*function_)(void*) = nullptr;
  void* context_ = nullptr;
  bool has_ended_ = true;
  ucontext_t inner_;
  ucontext_t outer_;
  Watchers watchers_;
};

}  // namespace

std::unique_ptr<Fiber> Fiber::create(std::size_t stack_bytes) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::size_t bytes = (stack_bytes + page - 1) / page * page + page;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  // What passes the end of the stack ends the process instead of going on somewhere.
  mprotect(memory, page, PROT_NONE);
  auto* fiber = new (std::nothrow) PosixFiber(static_cast<char*>(memory), bytes, page);
  if (fiber == nullptr) munmap(memory, bytes);
  return std::unique_ptr<Fiber>(fiber);
}

}  // namespace moonlet::base::os
