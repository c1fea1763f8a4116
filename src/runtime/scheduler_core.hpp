// What stands behind Scheduler.
//
// Locks: a program's; below it, one queue's, the timers', or a table's. A program's lock is open
// while its Vm runs and while functions of the host are called.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "moonlet/runtime/scheduler.hpp"
#include "runtime/core_port.hpp"
#include "runtime/folded_stacks.hpp"
#include "runtime/program_state.hpp"
#include "runtime/program_table.hpp"
#include "runtime/run_queues.hpp"
#include "runtime/timers.hpp"

namespace moonlet::runtime::detail {

//   Ready <-> Running -> Waiting -> Ready       Parked: would be Ready, but is held or everything
//     |                     |                   stops; in no queue
//     +----> Parked <-------+                   Ended: gone, but for a queue that does not know yet
struct Program final : Turn, std::enable_shared_from_this<Program> {
  enum class State : std::uint8_t { Ready, Running, Waiting, Parked, Ended };

  // ---- Constant.
  std::uint64_t number = 0;
  std::string id;
  ProgramOptions options;
  std::shared_ptr<Owner> owner_record;

  std::mutex mutex;
  // ---- Guarded by mutex. While it is Running, the Vm is its thread's.
  State state = State::Parked;
  bool is_held = false;
  bool is_killed = false;
  bool is_active = false;  // counted by its owner
  std::optional<Vm> vm;
  HostCalls calls;
  std::uint64_t receives = 0;  // number of the wait for a message; 0: it does not wait for one
  std::deque<Value> mailbox;
  std::shared_ptr<Program> queued;  // itself while a queue has it
  std::size_t queue = 0;
  RunQueues::Used used;  // that no policy knows of yet

  std::atomic<std::uint64_t> fuel{0};
};

class SchedulerCore {
 public:
  explicit SchedulerCore(SchedulerOptions options);
  ~SchedulerCore();

  std::expected<std::string, std::string> add(Vm vm, ProgramOptions options,
                                              ProgramStateParts parts);
  Sent send(const std::string& id, Value message);
  bool kill(const std::string& id);
  using Lock = std::unique_lock<std::mutex>;
  // `look` may open the lock.
  bool with_program(const std::string& id, const std::function<void(Program&, Lock&)>& look);
  std::expected<std::string, std::string> save(const std::string& id);
  void begin_profile(unsigned samples_per_second);
  std::string end_profile();
  std::optional<ProgramInfo> find(const std::string& id) const;
  std::vector<ProgramInfo> programs() const;
  SchedulerStats stats() const;
  void wait_all_ended();
  std::vector<SavedProgram> shutdown();
  std::size_t poll(const Scheduler::PollBudget& budget);

  bool answer(std::uint64_t who, std::uint64_t call, HostResult result);
  void call_timed_out(std::uint64_t who, std::uint64_t call);

 private:
  using State = Program::State;

  void work(std::size_t queue);
  void run_turn(Program& program, std::size_t queue);
  void begin_command(Program& program, const Command& command, Lock& lock);
  void begin_receive(Program& program, const Command& command);
  void resume_wait(Program& program, const ProgramStateParts& parts, Lock& lock);

  // What the state becomes; REQUIRES: the lock.
  void make_ready(Program& program, RunQueues::From from = RunQueues::From::Waiting);
  void make_waiting(Program& program);
  void set_active(Program& program, bool is_active);
  // Unlocks; the last thing that is done with it.
  void end(Program& program, Lock& lock, Outcome outcome);
  std::expected<std::string, std::string> bytes_of(Program& program);

  std::shared_ptr<Owner> owner_of(const ProgramOptions& options);

  // ---- Constant.
  const SchedulerOptions options_;
  const std::shared_ptr<CorePort<SchedulerCore>> port_;
  CallContext call_context_;

  Timers timers_;
  RunQueues queues_;
  std::vector<std::thread> threads_;
  std::atomic<bool> is_stopping_{false};

  ProgramTable<Program> table_;
  std::atomic<std::size_t> admitted_{0};  // in the table, or about to be
  std::atomic<std::uint64_t> next_number_{1};
  std::mutex all_ended_mutex_;
  std::condition_variable all_ended_;  // with all_ended_mutex_

  std::mutex owners_mutex_;
  // ---- Guarded by owners_mutex_.
  std::map<std::string, std::weak_ptr<Owner>> owners_;
  std::size_t owners_max_ = 64;  // then those that have gone are taken out

  std::condition_variable_any held_;  // with a program's lock: it stands, or is held no more

  std::atomic<std::uint64_t> added_{0};
  std::atomic<std::uint64_t> ended_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> messages_refused_{0};
  struct alignas(64) Count {
    std::atomic<std::uint64_t> turns{0};
    std::atomic<std::uint64_t> fuel{0};
    // ---- Its thread's.
    std::chrono::steady_clock::time_point next_sample{};
    std::uint64_t slice_fuel = 0;
    std::uint32_t turns_to_look = 0;
  };
  std::vector<std::unique_ptr<Count>> counts_;  // one a queue

  std::uint64_t slice_fuel(Count& count) const;
  void sample(const Vm& vm, Count& count);
  std::atomic<std::int64_t> profile_period_ns_{0};  // 0: there is none
  std::mutex profile_mutex_;
  FoldedStacks profile_;  // guarded by profile_mutex_
};

// Who runs on this thread, for sys.send and sys.self.
struct Running {
  SchedulerCore* core = nullptr;
  Program* program = nullptr;
};
Running& running_here();

}  // namespace moonlet::runtime::detail
