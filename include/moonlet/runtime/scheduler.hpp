// Runs any number of programs on a few threads, and keeps those that wait as bytes.
//
// A program is a Vm with a call under way. It runs in slices; between them it is ready, or it waits
// for its host, for time or for a message. Each thread has what is ready in an order of its own
// (policy.hpp), evens it out with the others now and then, and takes from them when it has none.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "moonlet/runtime/executor.hpp"
#include "moonlet/runtime/policy.hpp"
#include "moonlet/runtime/services.hpp"
#include "moonlet/vm.hpp"

namespace moonlet::runtime {

namespace detail {
class SchedulerCore;
}

struct SchedulerOptions {
  // 0: none of its own; somebody calls poll().
  std::size_t thread_count = worker_count_default();
  PolicyMaker policy;  // empty: FairPolicy
  std::shared_ptr<Services> services;
  std::size_t programs_max = 10'000'000;
  // A slice is so much that all who are ready on a thread come around within `round_fuel`, but
  // within these bounds.
  std::uint64_t round_fuel = 2'500'000;
  std::uint64_t slice_fuel_min = 500;
  std::uint64_t slice_fuel_max = 200'000;
  // A program that waits is put to rest, so that it costs its bytes alone; waking takes as long as
  // thawing (Vm::rest()).
  bool rests_while_waiting = false;
  // With thread_count 0: called when something becomes ready and nothing was. Any thread; it must
  // not call the scheduler.
  std::function<void()> waker;
  std::function<void(const std::string& id, const std::string& level, const std::vector<Value>&)>
      on_log;
  std::function<void(const std::string& id, const std::string& name, const std::vector<Value>&)>
      on_emit;
};

// How a program ended: Finished, Failed, LimitHit, Killed or Exited.
struct ProgramEnd {
  std::string id;
  Outcome outcome;
  std::uint64_t fuel = 0;
};

struct ProgramOptions {
  std::string owner{};            // empty: it has its share to itself
  std::uint32_t owner_share = 1;  // of whoever is named first
  std::uint32_t share = 1;        // at least 1
  int priority = 0;
  std::optional<std::chrono::steady_clock::time_point> deadline{};  // for DeadlinePolicy
  std::size_t mailbox_max = 64;
  // Called once, without locks, by the thread that it ends on. Must not throw.
  std::function<void(ProgramEnd)> on_end{};
};

enum class ProgramState : std::uint8_t { Ready, Running, Waiting };
struct ProgramInfo {
  std::string id;
  std::string owner;
  ProgramState state = ProgramState::Ready;
  std::string waits_for;  // "sys.receive", "sys.sleep", a host function
  std::size_t mailbox_size = 0;
  std::uint64_t fuel = 0;
};

enum class Sent : std::uint8_t { Delivered, MailboxFull, NoSuchProgram, NoData };
const char* text_of(Sent sent);

struct SchedulerStats {
  std::size_t programs = 0;
  std::size_t ready = 0;
  std::uint64_t added = 0;
  std::uint64_t ended = 0;
  std::uint64_t refused = 0;
  std::uint64_t turns = 0;
  std::uint64_t fuel = 0;
  std::uint64_t stolen = 0;  // taken by a thread that had none
  std::uint64_t evened = 0;  // moved to a thread that had fewer
  std::uint64_t messages = 0;
  std::uint64_t messages_refused = 0;
};

// A program as bytes (docs/formats/program.md): its state, its mailbox, how long it still sleeps.
struct SavedProgram {
  std::string id;
  std::string bytes;
  std::string error;  // why it could not be saved; it is lost then
};

// What scripts say to each other: functions of a table that is there already, sys, for
// Engine::make().
//
//   sys.send(id, value)   true; or false and why not. The value is copied
//   sys.receive(seconds)  the next message; nil and "timeout" when there was none in time. Without
//                         seconds it waits as long as it takes
//   sys.self()            the id of this program
std::vector<HostFunction> message_functions();

// Any thread may call anything, but for poll(). Programs are known by Vm::id().
class Scheduler {
 public:
  explicit Scheduler(SchedulerOptions options = {});
  // What shutdown() has not handed over is dropped.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // REQUIRES: Vm::start() was called, or the Vm was thawed in a call. The error: programs_max, an
  // id that is there already, a shutdown. The answer is the id.
  [[nodiscard]] std::expected<std::string, std::string> add(Vm vm, ProgramOptions options = {});
  // Goes on with what save() or shutdown() gave. What it was waiting for from its host is asked
  // again, with the same id.
  [[nodiscard]] std::expected<std::string, std::string> restore(const Image& image,
                                                                std::string_view bytes,
                                                                ProgramOptions options = {},
                                                                const ForkOptions& fork = {});
  [[nodiscard]] std::expected<std::string, std::string> restore(const ImageStore& images,
                                                                std::string_view bytes,
                                                                ProgramOptions options = {},
                                                                const ForkOptions& fork = {});

  // A message from the host.
  Sent send(const std::string& id, Value message);
  // Ends it as Killed. False: there is none.
  bool kill(const std::string& id);
  // Calls `look` while the program does not run; it waits for the end of a slice, which is asked
  // for. False: there is none. Not to be called by a function of the program itself.
  bool with_program(const std::string& id, const std::function<void(Vm&)>& look);
  // Its bytes; it goes on. A program that is upgraded, saved or looked at loses nothing.
  [[nodiscard]] std::expected<std::string, std::string> save(const std::string& id);

  // Samples where programs stand when their slices end, so many times a second on each thread; ends
  // the profile before it.
  void begin_profile(unsigned samples_per_second);
  // "outer;inner COUNT" a line, as flame graphs are made of; ends it.
  std::string end_profile();

  std::optional<ProgramInfo> find(const std::string& id) const;
  std::vector<ProgramInfo> programs() const;
  SchedulerStats stats() const;

  // Waits until no program is left.
  void wait_all_ended();
  // Stops all of them where they are, ends the threads, and hands everything over. Calls under way
  // are told to stop. Nothing is accepted any more.
  std::vector<SavedProgram> shutdown();

  struct PollBudget {
    std::size_t turns_max = SIZE_MAX;
    std::chrono::nanoseconds time_max = std::chrono::nanoseconds::max();
  };
  // With thread_count 0: runs turns on this thread until nothing is ready or the budget is used up.
  // Answers how many turns that was. One thread at a time.
  std::size_t poll(const PollBudget& budget);

 private:
  std::unique_ptr<detail::SchedulerCore> core_;
};

}  // namespace moonlet::runtime
