// What is run, and how it ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "moonlet/image.hpp"
#include "moonlet/limits.hpp"
#include "moonlet/value.hpp"

namespace moonlet::runtime {

// Of one runner; not given again.
using JobId = std::uint64_t;

// A source, compiled and called with the job's arguments; what it returns is the result.
struct SourceText {
  std::string text;
  std::string name = "job";  // for messages
};

// A function of an image. Make one for all jobs that call it: copies share what was looked up.
using Handler = EntryPoint;

// A program that goes on where Vm::freeze() was called. Its state is always fresh.
struct FrozenState {
  Image image;
  std::string bytes;
};

// A fork of its own, which ends with the job.
struct FreshState {};
// The Vm that ScriptRunner::pin() was given under this name, after the jobs that came before.
struct PinnedState {
  std::string name;
};
// The Vm that the worker keeps which comes to the job: globals stay from one job to the next.
struct WorkerState {};

enum class Priority : std::uint8_t { High, Normal, Low };

struct Job {
  using Clock = std::chrono::steady_clock;

  std::variant<SourceText, Handler, FrozenState> program;
  std::vector<Value> arguments;
  std::variant<FreshState, PinnedState, WorkerState> state;
  Priority priority = Priority::Normal;
  // When it has to have ended, waiting included.
  std::optional<Clock::time_point> deadline;
  // How long it may wait for its state once its turn has come.
  std::optional<std::chrono::nanoseconds> state_timeout;
  // Ends the job wherever it stands.
  std::stop_token cancel;
  // Of a fresh state.
  Limits limits;
};

// Each job ends in exactly one of these.
enum class JobEnd : std::uint8_t {
  Value,        // `values`
  ScriptError,  // `message`, `error`, `traceback`
  TimedOut,     // past its deadline
  NoState,      // past its state_timeout
  Cancelled,
  Limit,       // `limit`, `message`
  Rejected,    // `rejection`
  WorkerGone,  // the executor ended before the job did
};
const char* text_of(JobEnd end);

enum class Rejection : std::uint8_t {
  QueueFull,     // of jobs, of the pinned Vm's mailbox, or of the queue for its result
  ShuttingDown,  // before its turn came
  NoSuchState,   // nothing is pinned under the name
  NotRunnable,   // `message` says why: no such function, arguments that are no data, bad bytes
};
const char* text_of(Rejection rejection);

struct JobUsage {
  std::uint64_t fuel = 0;
  std::uint64_t memory_bytes = 0;  // of its Vm when it ended
  std::uint32_t turns = 0;         // how often a worker took it up
  // Only where RunnerOptions::measures_time is set.
  std::chrono::nanoseconds waited{0};  // from enqueue() to its first turn
  std::chrono::nanoseconds run_time{0};
};

struct JobResult {
  JobId id = 0;
  JobEnd end = JobEnd::Value;
  std::vector<Value> values;
  std::string message;  // for people; empty for Value
  Value error;
  std::string traceback;
  LimitKind limit = LimitKind::Memory;
  Rejection rejection = Rejection::QueueFull;
  JobUsage usage;
};

}  // namespace moonlet::runtime
