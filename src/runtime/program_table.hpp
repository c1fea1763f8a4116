// All programs of a scheduler, by id and by number.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace moonlet::runtime::detail {

// In parts with a lock each, so that threads which send, answer and end seldom meet. No lock of
// others is taken inside. Program has an `id` and a `number`, which do not change.
template <typename Program>
class ProgramTable {
 public:
  // False: there is one of this id, or `may_add`, which is asked under the lock of its part, says
  // no.
  template <typename MayAdd>
  bool add(const std::shared_ptr<Program>& program, MayAdd may_add) {
    Part& part = part_of(program->id);
    const std::lock_guard lock(part.mutex);
    if (part.by_id.contains(program->id) || !may_add()) return false;
    part.by_id.emplace(program->id, program);
    count_.fetch_add(1, std::memory_order_seq_cst);
    Part& numbered = part_of(program->number);
    const std::lock_guard numbers_lock(numbered.numbers_mutex);
    numbered.by_number.emplace(program->number, program);
    return true;
  }

  std::shared_ptr<Program> find(const std::string& id) const {
    const Part& part = part_of(id);
    const std::lock_guard lock(part.mutex);
    const auto found = part.by_id.find(id);
    return found != part.by_id.end() ? found->second : nullptr;
  }

  std::shared_ptr<Program> find(std::uint64_t number) const {
    const Part& part = part_of(number);
    const std::lock_guard lock(part.numbers_mutex);
    const auto found = part.by_number.find(number);
    return found != part.by_number.end() ? found->second : nullptr;
  }

  // How many are left.
  std::size_t remove(const Program& program) {
    {
      Part& numbered = part_of(program.number);
      const std::lock_guard lock(numbered.numbers_mutex);
      numbered.by_number.erase(program.number);
    }
    Part& part = part_of(program.id);
    const std::lock_guard lock(part.mutex);
    if (part.by_id.erase(program.id) == 0) return size();
    return count_.fetch_sub(1, std::memory_order_seq_cst) - 1;
  }

  std::size_t size() const { return count_.load(std::memory_order_seq_cst); }

  // In the order in which they came.
  std::vector<std::shared_ptr<Program>> all() const {
    std::vector<std::shared_ptr<Program>> list;
    list.reserve(size());
    for (const Part& part : parts_) {
      const std::lock_guard lock(part.mutex);
      for (const auto& [id, program] : part.by_id) list.push_back(program);
    }
    std::sort(list.begin(), list.end(),
              [](const auto& a, const auto& b) { return a->number < b->number; });
    return list;
  }

 private:
  static constexpr std::size_t kParts = 64;
  // The lock of ids is the outer one.
  struct alignas(64) Part {
    mutable std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<Program>> by_id;  // guarded by mutex
    mutable std::mutex numbers_mutex;
    // Guarded by numbers_mutex.
    std::unordered_map<std::uint64_t, std::shared_ptr<Program>> by_number;
  };

  const Part& part_of(const std::string& id) const {
    return parts_[std::hash<std::string>()(id) % kParts];
  }
  const Part& part_of(std::uint64_t number) const { return parts_[number % kParts]; }
  Part& part_of(const std::string& id) { return parts_[std::hash<std::string>()(id) % kParts]; }
  Part& part_of(std::uint64_t number) { return parts_[number % kParts]; }

  std::array<Part, kParts> parts_;
  std::atomic<std::size_t> count_{0};
};

}  // namespace moonlet::runtime::detail
