// The end of a marking, stage by stage: from here the script does not run before it is over.
//
// The order is the manual's: values are cleared before finalizers bring objects back, so that what
// a finalizer sees is gone from weak values; keys after it, so that an object that comes back still
// finds what was kept for it.
#include <algorithm>

#include "heap/collector.hpp"
#include "heap/shape.hpp"

namespace moonlet::heap {
namespace {

// What one piece of a stage looks at.
constexpr std::size_t kPiece = 128;
constexpr std::uint64_t kItemWork = 16;
// If more than this has to be marked after all, the script may run meanwhile; the next attempt may
// take twice as much, so that there is a last one.
constexpr std::uint64_t kEndingWork = 64 * 1024;
constexpr std::uint32_t kEndingsMax = 40;

}  // namespace

// Those that are white now and then become marked are no more than candidates that live.
bool Collector::look_at_finalizers() {
  Marking& m = marking();
  const std::size_t size = heap.finalizable.size();
  if (m.finalizers_seen >= size) return false;
  const std::size_t end = std::min(m.finalizers_seen + kPiece, size);
  for (; m.finalizers_seen < end; ++m.finalizers_seen) {
    work += kItemWork;
    if (heap.finalizable[m.finalizers_seen]->is_white()) {
      m.finalizers_white.push_back(static_cast<std::uint32_t>(m.finalizers_seen));
    }
  }
  return true;
}

void Collector::begin_ending() {
  heap.phase = Phase::Ending;
  Marking& m = marking();
  m.stage = EndingStage::Roots;
  m.ending_work = 0;
  ++m.endings;
}

void Collector::end_some() {
  Marking& m = marking();
  const std::uint64_t before = work;
  switch (m.stage) {
    case EndingStage::Roots:
      mark_roots();
      if (Thread* thread = heap.current_thread; thread != nullptr) {
        if (thread->status == ThreadStatus::Dead) shrink_stack(heap, *thread);
        begin_walk(*thread);
      }
      m.stage = EndingStage::Mark;
      break;
    case EndingStage::Mark:
      if (!mark_some()) {
        go_to(EndingStage::Modes);
        break;
      }
      m.ending_work += work - before;
      if (m.endings < kEndingsMax && m.ending_work >> m.endings > kEndingWork) {
        // The walk of the current thread begins anew with the next ending; that of another goes on.
        if (m.walk.thread == heap.current_thread) m.walk.thread = nullptr;
        m.batches = 0;
        heap.phase = Phase::Propagate;
      }
      break;
    case EndingStage::Modes:
      if (!check_modes()) end_stage();
      break;
    case EndingStage::Values:
    case EndingStage::LateValues:
      if (!clear_values()) end_stage();
      break;
    case EndingStage::Trim:
    case EndingStage::LateTrim:
      if (!trim_arrays()) end_stage();
      break;
    case EndingStage::Finalizers:
      if (!find_unreachable()) end_stage();
      break;
    case EndingStage::Compact:
      if (!compact_finalizable()) end_stage();
      break;
    case EndingStage::Queue:
      if (!queue_finalizers()) end_stage();
      break;
    case EndingStage::Pend:
      if (!pend_finalizers()) end_stage();
      break;
    case EndingStage::Resurrect:
      if (!mark_some()) end_stage();
      break;
    case EndingStage::Keys:
      if (!clear_keys()) end_stage();
      break;
    case EndingStage::Flip:
      flip();
      break;
  }
}

void Collector::go_to(EndingStage stage) {
  marking().stage = stage;
  marking().cursor = 0;
}

void Collector::end_stage() {
  go_to(static_cast<EndingStage>(static_cast<int>(marking().stage) + 1));
}

// A table that references were noted of may have become strong since, or weak in another way.
bool Collector::check_modes() {
  Marking& m = marking();
  const std::size_t end = std::min(m.cursor + kPiece, m.scanned.size());
  for (; m.cursor < end; ++m.cursor) {
    work += 2 * kItemWork;
    WeakTable& weak = m.scanned[m.cursor];
    const Weakness mode = weakness(heap, *weak.table);
    if (mode == weak.mode) continue;
    weak.mode = mode;
    weak.table->mark &= static_cast<std::uint8_t>(~kBlack);
    m.again.push_back(weak.table);
  }
  if (m.cursor < m.scanned.size()) return true;
  if (m.again.empty()) return false;
  m.stage = EndingStage::Mark;
  return true;
}

bool Collector::clear_values() {
  Marking& m = marking();
  const std::size_t end = std::min(m.values_cleared + kPiece, m.references.size());
  for (; m.values_cleared < end; ++m.values_cleared) clear_value(m.references[m.values_cleared]);
  return m.values_cleared < m.references.size();
}

bool Collector::clear_keys() {
  Marking& m = marking();
  const std::size_t end = std::min(m.cursor + kPiece, m.references.size());
  for (; m.cursor < end; ++m.cursor) clear_key(m.references[m.cursor]);
  return m.cursor < m.references.size();
}

bool Collector::trim_arrays() {
  Marking& m = marking();
  for (std::size_t steps = 4 * kPiece; steps > 0; --steps) {
    if (m.tables_trimmed >= m.scanned.size()) return false;
    work += kItemWork / 4;
    Table& table = *m.scanned[m.tables_trimmed].table;
    if (table.array_count > 0 && table.array[table.array_count - 1].is_nil()) {
      --table.array_count;
    } else {
      ++m.tables_trimmed;
    }
  }
  return true;
}

// ---- Finalizers.

bool Collector::find_unreachable() {
  Marking& m = marking();
  const std::size_t known = m.finalizers_white.size();
  const std::size_t end = known + heap.finalizable.size() - m.finalizers_seen;
  for (std::size_t steps = kPiece; steps > 0 && m.cursor < end; --steps, ++m.cursor) {
    const std::size_t n =
        m.cursor < known ? m.finalizers_white[m.cursor] : m.finalizers_seen + m.cursor - known;
    work += kItemWork;
    Object* object = heap.finalizable[n];
    if (!object->is_white()) continue;
    if (m.unreachable.empty()) m.first_unreachable = n;
    m.unreachable.push_back(object);
  }
  return m.cursor < end;
}

// Both lists are in the same order.
bool Collector::compact_finalizable() {
  Marking& m = marking();
  if (m.unreachable.empty()) return false;
  std::vector<Object*>& list = heap.finalizable.get();
  if (m.pended == 0) m.cursor = m.kept = m.first_unreachable;
  const std::size_t end = std::min(m.cursor + 4 * kPiece, list.size());
  work += kItemWork * (end - m.cursor) / 4;
  for (; m.cursor < end; ++m.cursor) {
    if (m.pended < m.unreachable.size() && list[m.cursor] == m.unreachable[m.pended]) {
      ++m.pended;
    } else {
      list[m.kept++] = list[m.cursor];
    }
  }
  if (m.cursor < list.size()) return true;
  list.resize(m.kept);
  m.pending.reserve(m.unreachable.size() + heap.pending_finalizers.size());
  return false;
}

// The last one is called first, and those of earlier cycles before all others.
bool Collector::queue_finalizers() {
  Marking& m = marking();
  if (m.unreachable.empty()) return false;
  const std::size_t end = m.unreachable.size() + heap.pending_finalizers.size();
  for (std::size_t steps = 4 * kPiece; steps > 0 && m.cursor < end; --steps, ++m.cursor) {
    work += kItemWork / 4;
    const std::size_t earlier = m.cursor - m.unreachable.size();
    m.pending.push_back(m.cursor < m.unreachable.size() ? m.unreachable[m.cursor]
                                                        : heap.pending_finalizers[earlier]);
  }
  if (m.cursor < end) return true;
  heap.pending_finalizers.get().swap(m.pending);
  return false;
}

bool Collector::pend_finalizers() {
  Marking& m = marking();
  const std::size_t end = std::min(m.cursor + kPiece, m.unreachable.size());
  for (; m.cursor < end; ++m.cursor) {
    Object* object = m.unreachable[m.cursor];
    object->mark &= static_cast<std::uint8_t>(~kHasFinalizer);
    mark(object);
  }
  return m.cursor < m.unreachable.size();
}

void Collector::flip() {
  prune_shapes(heap);
  heap.current_white ^= kWhites;
  enter_sweep();
}

}  // namespace moonlet::heap
