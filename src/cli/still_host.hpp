// For test aids: a host whose clock stands still and whose entropy is always the same, so that one
// run of a program is like the next, on every machine.
#pragma once

#include "moonlet/moonlet.hpp"

namespace moonlet::cli {

class StillHost : public Host {
 public:
  std::int64_t time_seconds() override { return 1'000'000'000; }
  double clock_seconds() override { return 1; }
  std::uint64_t entropy() override { return 1; }
};

inline ForkOptions still_fork(StillHost& host) {
  ForkOptions options;
  options.host = &host;
  options.id = "still";
  options.seed = 1;
  return options;
}

}  // namespace moonlet::cli
