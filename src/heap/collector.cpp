// The collector's cycle and its pace.
#include "heap/collector.hpp"

#include <algorithm>

#include "heap/shape.hpp"

namespace moonlet::heap {
namespace {

// Units of work for each byte that was allocated, at a multiplier of 100 %. A cycle that starts
// with twice the live data then ends before much more than another half has been added.
constexpr std::uint64_t kWorkPerByte = 8;
constexpr std::uint64_t kSweepWork = 32;  // an object
constexpr std::uint32_t kKeptStringSet = 64;

// Stress builds look at all of the heap whenever the collector does.
void check_if_stressed([[maybe_unused]] Heap& heap) {
#if MOONLET_STRESS
  std::string problem;
  if (!check_heap(heap, problem)) base::fail_check(problem.c_str(), __FILE__, __LINE__);
#endif
}

}  // namespace

void Collector::start_cycle() {
  heap.phase = Phase::Propagate;
  mark_roots();
}

// Ends the marking. The order is the manual's: values are cleared before finalizers bring objects
// back, so that what a finalizer sees is gone from weak values; keys after it, so that an object
// that comes back still finds what was kept for it.
void Collector::atomic() {
  is_atomic = true;
  mark_roots();
  propagate_all();
  std::vector<Object*> again;
  if (!heap.gray_again_.empty()) again.swap(heap.gray_again_.get());
  for (Object* object : again) {
    traverse(object);
    propagate_all();
  }
  for (std::size_t i = 0; i < heap.marked_open_.size(); ++i) {
    Cell* cell = heap.marked_open_[i];
    if (cell->is_open()) mark(*cell->location);
  }
  propagate_all();
  converge_ephemerons();

  clear_values(weak_values, 0);
  clear_values(all_weak, 0);
  const std::size_t weak_values_seen = weak_values.size();
  const std::size_t all_weak_seen = all_weak.size();
  separate_finalizers();
  propagate_all();
  converge_ephemerons();
  clear_keys(ephemerons);
  clear_keys(all_weak);
  clear_values(weak_values, weak_values_seen);
  clear_values(all_weak, all_weak_seen);
  settle_open_cells();
  prune_shapes(heap);

  heap.current_white ^= kWhites;
  empty_lists();
  is_atomic = false;
}

void Collector::separate_finalizers() {
  std::vector<Object*> unreachable;
  if (heap.finalizable.empty()) return;
  std::size_t kept = 0;
  for (Object* object : heap.finalizable) {
    if (object->is_white()) {
      object->mark &= static_cast<std::uint8_t>(~kHasFinalizer);
      unreachable.push_back(object);
    } else {
      heap.finalizable[kept++] = object;
    }
  }
  heap.finalizable.get().resize(kept);
  if (unreachable.empty()) return;
  // The last one is called first, and those of earlier cycles before all others.
  std::vector<Object*>& pending = heap.pending_finalizers.get();
  pending.insert(pending.begin(), unreachable.begin(), unreachable.end());
  for (Object* object : unreachable) mark(object);
}

void Collector::enter_sweep() {
  heap.phase = Phase::Sweep;
  heap.sweep_ = &heap.objects;
  heap.estimate = heap.logical_bytes;
}

void Collector::sweep(std::uint64_t budget) {
  const std::uint8_t dead_white = heap.current_white ^ kWhites;
  const std::uint64_t before = heap.logical_bytes;
  Object** link = heap.sweep_;
  const std::uint64_t end = work + budget;
  while (*link != nullptr && work < end) {
    Object* object = *link;
    work += kSweepWork;
    if ((object->mark & dead_white) != 0) {
      *link = object->next;
      heap.free_object(object);
    } else {
      object->mark =
          static_cast<std::uint8_t>((object->mark & ~(kWhites | kBlack)) | heap.current_white);
      link = &object->next;
    }
  }
  heap.sweep_ = link;
  heap.estimate -= before - heap.logical_bytes;
  heap.swept_bytes_ += before - heap.logical_bytes;
  if (*link == nullptr) heap.phase = Phase::SweepEnd;
}

void Collector::end_cycle() {
  StringSet& strings = heap.strings;
  if (strings.capacity > kKeptStringSet && strings.count < strings.capacity / 8) {
    // The larger set will do when there is no memory for a smaller one.
    (void)heap.resize_strings(strings.capacity / 4);
  }
  heap.sweep_ = nullptr;
  heap.phase = Phase::Pause;
  if (heap.dead_shape_bytes_ > Heap::kDeadShapeBytesMax) heap.forget_dead_shapes();
}

bool Collector::run(std::uint64_t budget) {
  do {
    switch (heap.phase) {
      case Phase::Pause:
        start_cycle();
        break;
      case Phase::Propagate:
        if (heap.gray_.empty()) {
          atomic();
          enter_sweep();
        } else {
          propagate_one();
        }
        break;
      case Phase::Sweep:
        sweep(budget > work ? budget - work : kSweepWork);
        break;
      case Phase::SweepEnd:
        end_cycle();
        return true;
    }
  } while (work < budget);
  return false;
}

void Collector::set_pause() {
  const std::uint64_t pause = static_cast<std::uint64_t>(std::max(heap.pause_percent, 0));
  std::uint64_t threshold = heap.estimate / 100 * pause;
  const std::int64_t slice = std::int64_t{1} << std::clamp(heap.step_size_log2, 6, 40);
  if (threshold > heap.soft_memory_limit) {
    // Live data above it: again after an eighth more.
    threshold =
        std::min(threshold, std::max(heap.soft_memory_limit, heap.estimate + heap.estimate / 8));
  }
  heap.debt = std::min(static_cast<std::int64_t>(heap.logical_bytes - threshold), -slice);
}

void Collector::empty_lists() {
  heap.gray_ = {};
  heap.gray_again_.clear();
  heap.marked_open_.clear();
}

// Whitens what was marked. Nothing is lost: the white has not changed, so nothing is garbage.
void Collector::abandon_marking() {
  empty_lists();
  heap.slices_.clear();
  enter_sweep();
}

// ---- Heap's part.

void Heap::step() {
  drop_growth();
  if (stress_collect || stress_slices) {
    check_if_stressed(*this);
    if (stress_collect) {
      collect_full();
    } else {
      Collector(*this).run(1);
    }
    debt = 0;  // the next allocation asks again
    return check_if_stressed(*this);
  }
  const std::int64_t slice = std::int64_t{1} << std::clamp(step_size_log2, 6, 40);
  const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(debt, 0) + slice);
  const auto multiplier = static_cast<std::uint64_t>(std::clamp(step_multiplier, 1, 10000));
  Collector collector(*this);
  if (collector.run(bytes * multiplier / 100 * kWorkPerByte)) {
    collector.set_pause();
  } else {
    debt = -slice;
  }
}

bool Heap::step_once(std::size_t kilobytes) {
  drop_growth();
  if (mode == GcMode::Generational) {
    // As after a collection of the young: everything that has just died is gone.
    collect_full();
    return true;
  }
  debt = kilobytes == 0
             ? 0
             : debt + static_cast<std::int64_t>(std::min<std::size_t>(kilobytes, 1u << 30)) * 1024;
  if (kilobytes != 0 && debt <= 0) return false;
  step();
  return phase == Phase::Pause;
}

void Heap::collect_full() {
  drop_growth();
  grows_whole = true;  // whoever needed the memory starts over
  Collector collector(*this);
  if (phase == Phase::Propagate) collector.abandon_marking();
  while (phase != Phase::Pause) collector.run(UINT64_MAX);
  collector.start_cycle();
  while (phase != Phase::Pause) collector.run(UINT64_MAX);
  estimate = logical_bytes;
  collector.set_pause();
  // Not at the end of other cycles: it takes as long as there are free blocks.
  if (wants_defragment()) defragment();
}

bool Heap::register_finalizer(Object* object) {
  if ((object->mark & kHasFinalizer) == 0) {
    object->mark |= kHasFinalizer;
    finalizable.push_back(object);
  }
  return true;
}

void Heap::pend_all_finalizers() {
  for (Object* object : finalizable) object->mark &= static_cast<std::uint8_t>(~kHasFinalizer);
  if (finalizable.empty()) return;
  std::vector<Object*>& pending = pending_finalizers.get();
  pending.insert(pending.begin(), finalizable.begin(), finalizable.end());
  finalizable.clear();
}

Object* next_finalizer(Heap& heap) {
  if (heap.pending_finalizers.empty()) return nullptr;
  Object* object = heap.pending_finalizers.back();
  heap.pending_finalizers.pop_back();
  return object;
}

void Heap::barrier_forward(Object* from, Object* to) {
  if (phase == Phase::Propagate) {
    Collector(*this).mark(to);
  } else {
    // The marks are being swept away: this one may go now, and with it further calls.
    from->mark = static_cast<std::uint8_t>((from->mark & ~(kWhites | kBlack)) | current_white);
  }
}

void Heap::barrier_again(Object* from) {
  from->mark &= static_cast<std::uint8_t>(~kBlack);
  if (phase == Phase::Propagate) {
    gray_again_.push_back(from);
  } else {
    from->mark |= current_white;
  }
}

}  // namespace moonlet::heap
