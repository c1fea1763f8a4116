#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace moonlet::base {

void fail_check(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "moonlet: internal error: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

void fail_use(const char* what) {
  std::fprintf(stderr, "moonlet: %s\n", what);
  std::abort();
}

}  // namespace moonlet::base
