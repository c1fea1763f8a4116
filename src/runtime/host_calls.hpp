// What one program has asked of its host, until it is answered.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "moonlet/runtime/services.hpp"
#include "moonlet/vm.hpp"
#include "runtime/timers.hpp"

namespace moonlet::runtime::detail {

// Who runs programs, as their calls see it.
class CallDesk : public AnswerSink {
 public:
  // A call's time is over: HostCalls::time_out() of the program, under its lock, then answer().
  virtual void call_timed_out(std::uint64_t who, std::uint64_t call) = 0;
};

struct CallContext {
  const Services* services = nullptr;  // nullptr: none
  Timers* timers = nullptr;
  std::shared_ptr<CallDesk> desk;
  std::function<void(std::uint64_t who, const std::string&, const std::vector<Value>&)> on_log;
  std::function<void(std::uint64_t who, const std::string&, const std::vector<Value>&)> on_emit;
};

// Guarded by its program's mutex, which is the Lock of begin(): it is open while functions of the
// host are called, and these may answer at once.
class HostCalls {
 public:
  using Lock = std::unique_lock<std::mutex>;
  using Stops = std::vector<std::stop_source>;

  // Sets about a Command. Afterwards there is an answer, or one will come.
  void begin(const CallContext& context, std::uint64_t who, const Command& command, Lock& lock);
  // Waits for something that is not a service's: the number to answer with. `name` is for people.
  std::uint64_t begin_waiting(std::string name);
  // As begin_waiting(); answers by itself, with `values`, at that time.
  std::uint64_t begin_waiting_until(const CallContext& context, std::uint64_t who, std::string name,
                                    Timers::Clock::time_point when);

  // False: nobody waits for this one. After true, `has_answer` tells whether the program can go on.
  [[nodiscard]] bool accept(Timers& timers, std::uint64_t call, HostResult result);
  bool has_answer() const { return answer_.has_value(); }
  // Gives the answer to the Vm. The error: it could not be given.
  [[nodiscard]] std::expected<void, std::string> deliver(Vm& vm);

  // The call to be stopped when its time-out has been accepted, and the message; nothing: it is
  // over.
  std::optional<std::pair<std::stop_source, std::string>> time_out(std::uint64_t call) const;
  // Nobody wants answers any more. What comes back is to be stopped without a lock.
  [[nodiscard]] Stops drop(Timers& timers);

  const std::string& name() const { return name_; }
  // Until when it sleeps, or waits with an end.
  std::optional<Timers::Clock::time_point> until() const {
    return timer_.number != 0 ? std::optional(timer_.when) : std::nullopt;
  }

 private:
  struct Out {
    std::int64_t n;
    std::string name;
    std::stop_source stop;
    Timers::Key timer;
  };
  // The invocations of one sys.all, sys.settle or sys.race.
  struct Awaited {
    std::uint64_t origin = 0;          // sequence of the Command that asked first
    std::map<std::uint64_t, Out> out;  // by number of the call
    std::set<std::int64_t> begun;
    std::deque<std::pair<std::int64_t, HostResult>> ended;  // unheard
  };

  [[nodiscard]] Stops drop_awaited(Timers& timers);
  void begin_call(const CallContext& context, std::uint64_t who, const Command& command,
                  Lock& lock);
  void begin_await(const CallContext& context, std::uint64_t who, const Command& command,
                   Lock& lock);
  void begin_part(const CallContext& context, std::uint64_t who, AsyncCall call, Lock& lock);

  std::uint64_t count_ = 0;
  std::uint64_t waits_for_ = 0;  // 0: none
  bool waits_for_any_ = false;   // of `awaited_`
  std::optional<HostResult> answer_;
  std::string name_;
  std::stop_source stop_{std::nostopstate};
  Timers::Key timer_;
  std::unique_ptr<Awaited> awaited_;
};

}  // namespace moonlet::runtime::detail
