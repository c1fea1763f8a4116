// Where a Vm stood, to go back there: Vm::snapshot() and Vm::restore().
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace moonlet {

namespace api {
struct SnapshotRecord;
}  // namespace api

// A handle; copies are the same snapshot. Immutable, usable from any thread. It needs its Vm no
// more and keeps the image alive. What outlives the process is Vm::freeze()'s to give.
class Snapshot {
 public:
  // Vm::id() of the Vm that it was taken of.
  const std::string& vm_id() const;
  // What it takes, but for its handle: the program as freeze() would write it.
  std::size_t size_bytes() const;

 private:
  friend class Vm;
  explicit Snapshot(std::shared_ptr<const api::SnapshotRecord> record)
      : record_(std::move(record)) {}
  std::shared_ptr<const api::SnapshotRecord> record_;
};

}  // namespace moonlet
