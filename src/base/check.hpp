// Checks of three kinds: ML_ASSERT (debug builds), ML_CHECK (always on), ML_UNREACHABLE.
#pragma once

namespace moonlet::base {

// Prints the failed condition with its place to stderr and aborts.
[[noreturn]] void fail_check(const char* condition, const char* file, int line);
// The same for what the program that uses Moonlet did wrong.
[[noreturn]] void fail_use(const char* what);

}  // namespace moonlet::base

#define ML_CHECK(condition)                                        \
  do {                                                             \
    if (!(condition)) [[unlikely]]                                 \
      ::moonlet::base::fail_check(#condition, __FILE__, __LINE__); \
  } while (false)

#ifdef NDEBUG
#define ML_ASSERT(condition) ((void)0)
#define ML_UNREACHABLE() __builtin_unreachable()
#else
#define ML_ASSERT(condition) ML_CHECK(condition)
#define ML_UNREACHABLE() ::moonlet::base::fail_check("unreachable", __FILE__, __LINE__)
#endif

#define ML_LIKELY(x) __builtin_expect(!!(x), 1)
#define ML_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ML_COLD __attribute__((cold, noinline))
// For what a short function ends with, so that the rest of it needs no stack frame.
#define ML_NOINLINE __attribute__((noinline))
#define ML_ALWAYS_INLINE inline __attribute__((always_inline))
