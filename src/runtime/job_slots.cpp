#include <algorithm>

#include "runtime/job_record.hpp"

namespace moonlet::runtime::detail {

namespace {
constexpr std::size_t kSlotsMax = std::size_t{1} << 24;
}

JobSlots::JobSlots(std::size_t count_max)
    : count_max_(std::clamp<std::size_t>(count_max, 1, kSlotsMax)),
      chunks_(
          std::make_unique<std::unique_ptr<JobRecord[]>[]>((count_max_ + kChunk - 1) / kChunk)) {}
JobSlots::~JobSlots() = default;

void JobSlots::push(JobRecord& record) {
  std::uint64_t first = free_.load(std::memory_order_relaxed);
  std::uint64_t wanted;
  do {
    record.next_free.store(static_cast<std::uint32_t>(first), std::memory_order_relaxed);
    wanted = ((first >> 32) + 1) << 32 | (record.index + 1);
  } while (!free_.compare_exchange_weak(first, wanted, std::memory_order_acq_rel,
                                        std::memory_order_relaxed));
}

JobRecord* JobSlots::pop() {
  std::uint64_t first = free_.load(std::memory_order_acquire);
  for (;;) {
    const auto number = static_cast<std::uint32_t>(first);
    if (number == 0) return nullptr;
    JobRecord& record = at(number - 1);
    const std::uint64_t wanted =
        ((first >> 32) + 1) << 32 | record.next_free.load(std::memory_order_relaxed);
    if (free_.compare_exchange_weak(first, wanted, std::memory_order_acq_rel,
                                    std::memory_order_acquire)) {
      return &record;
    }
  }
}

JobRecord* JobSlots::take() {
  if (JobRecord* record = pop()) return record;
  const std::lock_guard lock(growing_);
  if (JobRecord* record = pop()) return record;
  const std::size_t made = made_.load(std::memory_order_relaxed);
  if (made == count_max_) return nullptr;
  const std::size_t count = std::min(kChunk, count_max_ - made);
  auto chunk = std::make_unique<JobRecord[]>(count);
  for (std::size_t n = 0; n < count; ++n) chunk[n].index = static_cast<std::uint32_t>(made + n);
  JobRecord* first = &chunk[0];
  chunks_[made / kChunk] = std::move(chunk);
  made_.store(made + count, std::memory_order_release);
  for (std::size_t n = count; n-- > 1;) push(at(made + n));
  return first;
}

void JobSlots::give_back(JobRecord& record) { push(record); }

JobRecord* JobSlots::find(JobId id) const {
  const auto index = static_cast<std::uint32_t>(id);
  return index < made_.load(std::memory_order_acquire) ? &at(index) : nullptr;
}

}  // namespace moonlet::runtime::detail
