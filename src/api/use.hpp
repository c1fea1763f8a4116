// Who uses a Vm right now.
#pragma once

#include "api/vm_record.hpp"
#include "base/check.hpp"
#include "vm/frame_walk.hpp"

namespace moonlet::api {

// Notes that a thread uses the Vm; a second one is a fault of the host's that ends the process.
class Use {
 public:
  enum class For : std::uint8_t { Running, Other };
  explicit Use(VmRecord& record, For purpose = For::Other) : record_(record) {
    if (record.is_running.exchange(true, std::memory_order_acquire)) {
      base::fail_use("a Vm is used by two threads at once, or by a function that it called");
    }
    if (purpose == For::Running || record.machine == nullptr) return;
    // Nobody may see, or change, a table that is growing, or a heap in the middle of what a stop
    // has left unfinished of a collection: run() goes on with that where it can be stopped again.
    record.machine->heap.drop_growth();
    vm::drop_walk(*record.machine);
    record.machine->heap.unblock();
  }
  ~Use() { record_.is_running.store(false, std::memory_order_release); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  VmRecord& record_;
};

}  // namespace moonlet::api
