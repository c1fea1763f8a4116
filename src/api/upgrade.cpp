#include "moonlet/upgrade.hpp"

#include "api/allocator.hpp"
#include "api/use.hpp"
#include "api/vm_record.hpp"
#include "image/upgrade.hpp"
#include "vm/call.hpp"
#include "vm/host_types.hpp"

namespace moonlet {

using api::Use;
using api::VmRecord;

namespace {

std::unexpected<UpgradeRefusal> refused(std::string message) {
  return std::unexpected(UpgradeRefusal{std::move(message), {}});
}

UpgradeRefusal refusal_of(const std::vector<image::UpgradeProblem>& problems) {
  UpgradeRefusal refusal;
  for (const image::UpgradeProblem& problem : problems) {
    refusal.problems.push_back({problem.path, problem.reason});
  }
  refusal.message = problems[0].path + ": " + problems[0].reason;
  if (const std::size_t more = problems.size() - 1; more != 0) {
    refusal.message += "; and " + std::to_string(more) + " more";
  }
  return refusal;
}

// Test aids are for what comes next, which is the making of the new machine.
void hand_over_failures(const heap::Heap& from, heap::Heap& to) {
  to.fail_countdown = from.fail_countdown;
  to.fail_length = from.fail_length;
}

}  // namespace

std::expected<UpgradeReport, UpgradeRefusal> Vm::upgrade(const Image& newer) {
  Use use(*record_);
  VmRecord& record = *record_;
  const std::shared_ptr<const api::ImageRecord> image = newer.record_;
  if (image->engine != record.image->engine) {
    return refused("the newer image belongs to another Engine; load its bytes with this one's");
  }
  if (image->kind != record.image->kind) {
    return refused(
        "the stand-alone interpreter and an image of sources are no versions of each other");
  }
  const bool was_resting = record.machine == nullptr;
  if (record.wake() == nullptr) return refused("not enough memory");
  if (record.is_killed()) return refused("the Vm was killed");
  if (record.is_active())
    return refused("a call is under way in this Vm; it ends on its own image");
  if (image->dialect != record.image->dialect) {
    return refused("the newer image is in another language");
  }
  vm::Vm& old = *record.machine;
  // What is left of a call that has failed.
  if (!heap::has_no_frames(*old.heap.main_thread)) vm::give_up_threads(old);
  image::Upgrade upgrade(old, record.engine().base_objects(), *record.image->start, *image->start,
                         api::kModules);
  if (!upgrade.problems().empty()) return std::unexpected(refusal_of(upgrade.problems()));
  const auto older = record.image;  // the old machine needs it to its end
  auto fresh =
      record.engine().bare_vm(record, record.image->dialect, api::heap_allocator(record.allocator));
  if (fresh == nullptr) return refused("not enough memory");
  hand_over_failures(old.heap, fresh->heap);
  if (auto done = upgrade.move_into(*fresh); !done) return refused(done.error());
  fresh->files = std::move(old.files);
  fresh->heap.stress_collect = old.heap.stress_collect;
  fresh->heap.poison_freed = old.heap.poison_freed;
  record.image = image;
  record.adopt(std::move(fresh));
  if (was_resting && !vm::has_host_objects(*record.machine)) {
    // Without memory for its state it stays awake.
    if (const auto state = record.frozen()) static_cast<void>(record.rest(state->parts));
  }
  return UpgradeReport{upgrade.function_count(), upgrade.added()};
}

}  // namespace moonlet
