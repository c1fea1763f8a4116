// Runs a handler of a project and fulfils what it asks for, until it ends or is to be frozen.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "moonlet/moonlet.hpp"
#include "project/call_pool.hpp"
#include "project/host_call.hpp"
#include "project/project.hpp"

namespace moonlet::project {

// Standard output is for results, so what scripts print goes to standard error.
class ScriptHost final : public Host {
 public:
  void write(std::string_view text) override;
  void flush() override {}
  bool uses_utc() override { return true; }
};

// One of several invocations that are out at the same time.
struct Asked {
  std::int64_t number = 0;
  const HostFunction* function = nullptr;
  Invocation invocation;
};
struct Ended {
  std::int64_t number = 0;
  Answer answer;
};

// Who is at the other end of a session.
class Responder {
 public:
  virtual ~Responder() = default;
  // When a session's time is over; before anything else.
  virtual void set_deadline(std::chrono::steady_clock::time_point) {}
  // Arguments have been checked; the answer will be. Nothing: somebody else answers, later.
  virtual std::optional<Answer> call(const HostFunction& function,
                                     const Invocation& invocation) = 0;
  // Waits for one of them to end; those that are not known yet are begun. Nothing: the answers of
  // all come from somebody else.
  virtual std::optional<Ended> await(const std::vector<Asked>& asked) = 0;
  // Nobody waits any more for what await() has begun.
  virtual void abandon() = 0;
  virtual void sleep(double seconds, double until) = 0;
  virtual void log(const Command& command) = 0;
  virtual void emit(const Command& command) = 0;
};

// Answers as the project says; logs and events go to the standard error.
class ProjectResponder final : public Responder {
 public:
  ProjectResponder(const Project& project, const Value& config)
      : project_(project), settings_{project.folder, &config, {}, nullptr} {}
  void set_deadline(std::chrono::steady_clock::time_point deadline) override {
    settings_.deadline = deadline;
  }
  std::optional<Answer> call(const HostFunction& function, const Invocation& invocation) override;
  std::optional<Ended> await(const std::vector<Asked>& asked) override;
  void abandon() override { calls_.abandon(); }
  void sleep(double seconds, double until) override;
  void log(const Command& command) override;
  void emit(const Command& command) override;

 private:
  const Project& project_;
  CallSettings settings_;
  CallPool calls_;
};

// What was logged as one line of text: strings as they are, everything else as JSON.
std::string text_of_log(const Command& command);

// Why a session stopped.
enum class SessionEnd : std::uint8_t {
  Finished,  // `result`
  Failed,    // `message` and `traceback`
  Frozen,    // after as many host calls as were asked for; the answer of the last one is in the Vm
  Waiting,   // for somebody else's answer: waits_for()
  Sleeping,  // for longer than the session may; `until`
};

struct SessionReport {
  SessionEnd end = SessionEnd::Failed;
  Value result;
  std::string message;
  std::string traceback;
  double until = 0;  // seconds since 1970 (UTC)
};

struct SessionOptions {
  std::optional<std::uint64_t> calls_max;   // stop after so many answered calls of host functions
  std::optional<std::uint64_t> timeout_ms;  // of everything together
  std::optional<std::uint64_t> sleep_max;   // stop before a sleep of more seconds
};
[[nodiscard]] SessionReport run_session(const Project& project, Vm& vm, Responder& responder,
                                        const SessionOptions& options);

// What somebody else has to answer before a suspended Vm goes on: one invocation, or several.
struct Awaited {
  std::string name;
  std::string id;
  Value payload;
};
std::vector<Awaited> waits_for(const Project& project, const Vm& vm);

// An answer from outside to one of those; without an id there has to be only one. The error is one
// of the answer or of the Vm; an answer that does not fit is refused, and the Vm goes on waiting.
[[nodiscard]] std::expected<void, std::string> answer_from_outside(
    const Project& project, Vm& vm, const Answer& answer, const std::optional<std::string>& id);

}  // namespace moonlet::project
