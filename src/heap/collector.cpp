// The collector's cycle and its pace.
#include "heap/collector.hpp"

#include <algorithm>

namespace moonlet::heap {
namespace {

// Units of work for each byte that was allocated, at a multiplier of 100 %. A cycle that starts
// with twice the live data then ends before much more than another half has been added.
constexpr std::uint64_t kWorkPerByte = 8;
constexpr std::uint64_t kSweepWork = 32;  // an object
constexpr std::uint64_t kFreeWork = 128;  // one with a block of the host's
// What go_on() does, and step() at most: so long may somebody wait who wants to stop the script.
constexpr std::uint64_t kSliceWork = 4 * 1024;
constexpr std::size_t kReleasedAtOnce = 512;

// Stress builds look at all of the heap whenever the collector does.
void check_if_stressed([[maybe_unused]] Heap& heap) {
#if MOONLET_STRESS
  if (heap.is_blocked()) return;
  std::string problem;
  if (!check_heap(heap, problem)) base::fail_check(problem.c_str(), __FILE__, __LINE__);
#endif
}

}  // namespace

void Collector::start_cycle() {
  heap.phase = Phase::Propagate;
  heap.marking_ = std::make_unique<Marking>();
  mark_roots();
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
      const std::uint64_t bytes = heap.logical_bytes;
      heap.free_object(object);
      if (ML_UNLIKELY(bytes - heap.logical_bytes > Heap::kSmallLimit)) work += kFreeWork;
    } else {
      object->mark = static_cast<std::uint8_t>((object->mark & ~(kWhites | kBlack | kAwaited)) |
                                               heap.current_white);
      if (ML_UNLIKELY(object->kind == Kind::Proto) && heap.doomed_shapes_ != nullptr) {
        work += static_cast<Proto*>(object)->constant_count * sizeof(Site);
        clear_sites(*static_cast<Proto*>(object));
      }
      link = &object->next;
    }
  }
  heap.sweep_ = link;
  heap.estimate -= before - heap.logical_bytes;
  heap.swept_bytes_ += before - heap.logical_bytes;
  if (*link == nullptr) heap.phase = Phase::SweepEnd;
}

void Collector::end_cycle() {
  heap.sweep_ = nullptr;
  heap.phase = Phase::Pause;
  heap.close_reserve();
  heap.release_doomed_shapes();
}

bool Collector::run(std::uint64_t budget) {
  do {
    switch (heap.phase) {
      case Phase::Pause:
        start_cycle();
        break;
      case Phase::Propagate:
        if (!mark_some() && !look_at_finalizers()) begin_ending();
        break;
      case Phase::Ending:
        end_some();
        break;
      case Phase::Sweep:
        if (heap.marking_ != nullptr) {
          if (!release_some()) heap.marking_.reset();
        } else {
          sweep(budget > work ? budget - work : kSweepWork);
        }
        break;
      case Phase::SweepEnd:
        if (heap.settle_some_strings()) {
          work += kSweepWork * 64;
          break;
        }
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

// Whitens what was marked. Nothing is lost: the white has not changed, so nothing is garbage.
void Collector::abandon_marking() { enter_sweep(); }

bool Collector::release_some() {
  work += kSweepWork * kReleasedAtOnce / 16;
  Marking& m = *heap.marking_;
  bool is_left = false;
  for (BlockList<Object*>* list : {&m.again, &m.batch}) {
    // Of a marking that was given up.
    for (std::size_t n = 0; n < kReleasedAtOnce && !list->empty(); ++n) {
      Object* object = list->back();
      list->pop_back();
      if (object->kind == Kind::Thread) static_cast<Thread*>(object)->is_listed = false;
    }
    is_left = list->release_some(0) || is_left;
  }
  for (BlockList<Object*>* list : {&m.gray, &m.unreachable}) {
    is_left = list->release_some(kReleasedAtOnce) || is_left;
  }
  is_left = m.weak.release_some(kReleasedAtOnce) || is_left;
  is_left = m.scanned.release_some(kReleasedAtOnce) || is_left;
  is_left = m.awakened.release_some(kReleasedAtOnce) || is_left;
  is_left = m.finalizers_white.release_some(kReleasedAtOnce) || is_left;
  return m.references.release_some() || is_left;
}

// ---- Heap's part.

std::uint64_t Heap::multiplier() const {
  return static_cast<std::uint64_t>(std::clamp(step_multiplier, 1, 10000));
}

// How many of the bytes that are due one slice works for.
std::uint64_t Heap::step_bytes(std::int64_t due) const {
  return std::min(static_cast<std::uint64_t>(due),
                  kSliceWork * 100 / (kWorkPerByte * multiplier()) + 1);
}

// One slice of the work that has become due; what is left of it stays in the debt.
void Heap::step() {
  drop_growth();
  if (is_blocked()) return go_on();
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
  const std::uint64_t bytes = step_bytes(std::max<std::int64_t>(debt, 0) + slice);
  Collector collector(*this);
  if (collector.run(bytes * multiplier() / 100 * kWorkPerByte)) {
    collector.set_pause();
  } else {
    debt = std::max<std::int64_t>(debt, 0) - static_cast<std::int64_t>(bytes);
  }
}

bool Heap::begin_step(std::size_t kilobytes) {
  const std::int64_t slice = std::int64_t{1} << std::clamp(step_size_log2, 6, 40);
  if (kilobytes == 0) {
    // step() takes another slice to be due.
    debt = std::max<std::int64_t>(slice - static_cast<std::int64_t>(step_bytes(slice)), 0);
    return true;
  }
  debt += static_cast<std::int64_t>(std::min<std::size_t>(kilobytes, 1u << 30)) * 1024;
  return debt > 0;
}

bool Heap::step_once(std::size_t kilobytes) {
  if (!begin_step(kilobytes)) return false;
  do {
    step();
  } while (!has_ended_step());
  return phase == Phase::Pause;
}

void Heap::begin_full() {
  drop_growth();
  grows_whole = true;  // whoever needed the memory starts over
  full_stage_ = FullStage::Before;
  if (phase == Phase::Propagate) Collector(*this).abandon_marking();
}

void Heap::go_on() {
  ML_ASSERT(is_blocked());
  Collector collector(*this);
  const std::uint64_t budget = stress_slices ? 1 : kSliceWork;
  if (full_stage_ == FullStage::None) {
    if (collector.run(budget)) {
      collector.set_pause();
    } else if (debt > 0) {
      // This work was due, too.
      debt = std::max<std::int64_t>(debt - static_cast<std::int64_t>(step_bytes(debt)), 0);
    }
    return;
  }
  if (full_stage_ == FullStage::Before && phase == Phase::Pause) {
    full_stage_ = FullStage::Cycle;
    collector.start_cycle();
  }
  if (!collector.run(budget) || full_stage_ == FullStage::Before) return;
  full_stage_ = FullStage::None;
  estimate = logical_bytes;
  collector.set_pause();
  // Not at the end of other cycles: it takes as long as there are free blocks.
  if (wants_defragment()) defragment();
}

void Heap::collect_full() {
  begin_full();
  unblock();
}

bool Heap::register_finalizer(Object* object) {
  if ((object->mark & kHasFinalizer) == 0) {
    object->mark |= kHasFinalizer;
    finalizable.push_back(object);
  }
  return true;
}

void Heap::pend_all_finalizers() {
  if (marking_ != nullptr) {
    marking_->finalizers_seen = 0;
    marking_->finalizers_white.clear();
  }
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

}  // namespace moonlet::heap
