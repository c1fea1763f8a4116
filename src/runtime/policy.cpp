#include "moonlet/runtime/policy.hpp"

#include <algorithm>

namespace moonlet::runtime {

std::uint64_t Turn::weighed(std::uint64_t used) const {
  std::uint64_t weight = std::max<std::uint32_t>(share, 1);
  std::uint64_t active = 1;
  if (owner != nullptr) {
    weight *= std::max<std::uint32_t>(owner->share, 1);
    active = std::max<std::uint64_t>(owner->active.load(std::memory_order_relaxed), 1);
  }
  return used * 1024 / weight * active;
}

void FairPolicy::add(Turn& turn) {
  turn.position = std::max(turn.position, now_);
  OrderedPolicy::add(turn);
}

void FairPolicy::charge(Turn& turn, std::uint64_t fuel, std::uint64_t slice_fuel) {
  turn.position += turn.weighed(fuel * (kSlice / 1024) / std::max<std::uint64_t>(slice_fuel, 1));
}

Turn* FairPolicy::take() {
  Turn* turn = OrderedPolicy::take();
  if (turn != nullptr) now_ = std::max(now_, turn->position);
  return turn;
}

}  // namespace moonlet::runtime
