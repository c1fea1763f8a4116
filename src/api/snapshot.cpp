#include "moonlet/snapshot.hpp"

#include "api/use.hpp"
#include "api/vm_record.hpp"
#include "vm/host_types.hpp"

namespace moonlet {

using api::SnapshotRecord;
using api::Use;

namespace api {

struct SnapshotRecord {
  std::shared_ptr<const ImageRecord> image;
  std::string id;
  std::uint64_t sequence;
  std::string state;  // of the machine
};

}  // namespace api

const std::string& Snapshot::vm_id() const { return record_->id; }

std::size_t Snapshot::size_bytes() const {
  return sizeof(SnapshotRecord) + record_->id.size() + record_->state.size();
}

std::expected<Snapshot, std::string> Vm::snapshot() {
  Use use(*record_);
  std::string state(record_->rest_state());
  if (state.empty()) {
    auto frozen = record_->frozen();
    if (!frozen) return std::unexpected(frozen.error());
    if (vm::has_host_objects(*record_->machine)) {
      return std::unexpected("a Vm with host objects cannot go back: restoring them might fail");
    }
    state = frozen->bytes();
  }
  return Snapshot(std::make_shared<const SnapshotRecord>(record_->image, record_->id(),
                                                         record_->sequence, std::move(state)));
}

std::expected<void, std::string> Vm::restore(const Snapshot& snapshot) {
  Use use(*record_);
  const SnapshotRecord& kept = *snapshot.record_;
  if (kept.id != record_->id()) {
    return std::unexpected("the snapshot is of Vm " + kept.id + ", this is " + record_->id());
  }
  if (kept.image != record_->image && kept.image->digest() != record_->image->digest()) {
    return std::unexpected("the snapshot belongs to image " + kept.image->hash() + ", this Vm to " +
                           record_->image->hash());
  }
  return record_->go_back(kept.state, kept.sequence);
}

}  // namespace moonlet
