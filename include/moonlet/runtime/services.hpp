// Asynchronous host functions: what scripts call as if it returned at once, while the Vm is bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "moonlet/engine.hpp"
#include "moonlet/host_call.hpp"
#include "moonlet/outcome.hpp"

namespace moonlet::runtime {

// Where an answer goes: a runner or a scheduler.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  // False: nobody waits for it any more. Any thread.
  virtual bool answer(std::uint64_t who, std::uint64_t call, HostResult result) = 0;
};

// The right to answer one call, once, from any thread. One that is dropped without an answer
// answers with an error, so no script waits for ever.
class Responder {
 public:
  Responder(std::shared_ptr<AnswerSink> sink, std::uint64_t who, std::uint64_t call)
      : sink_(std::move(sink)), who_(who), call_(call) {}
  Responder(Responder&& other) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  // False: the script waits no more; it was cancelled, or a time-out has answered. After the first
  // answer there is none.
  bool operator()(HostResult result);

 private:
  std::shared_ptr<AnswerSink> sink_;  // null: has answered
  std::uint64_t who_;
  std::uint64_t call_;
};

// One call of an asynchronous function.
struct AsyncCall {
  CommandId id;
  std::int64_t part = 0;  // of sys.all, settle and race: which of the invocations; else 0
  std::string name;
  std::vector<Value> arguments;
  std::stop_token stop;  // requested when the answer is not wanted any more

  // Identifies the call for good: the same when a frozen program asks again.
  std::string key() const { return part == 0 ? id.text() : id.text() + "." + std::to_string(part); }
};

// Called on the worker that ran the script, and must not block: it begins something and keeps the
// Responder, or answers at once. Several threads may be in it.
using AsyncFunction = std::function<void(AsyncCall call, Responder respond)>;
// Called on a thread of the blocking pool.
using BlockingFunction = std::function<HostResult(const AsyncCall& call)>;

struct ServiceOptions {
  // The script gets the error "NAME: no answer in time", and the call's stop is requested.
  std::optional<std::chrono::nanoseconds> timeout;
};

// Host functions by name, of all three forms. A script calls them as functions, or by
// sys.invoke(name, payload), which gives them the payload as their one argument.
//
// Filled before anything runs, then constant. Goes with what it was given to.
class Services {
 public:
  // The blocking pool has so many threads, from the first blocking call on.
  explicit Services(std::size_t blocking_threads = 4);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  // Runs inside of the script's call, on its worker: for what is quick.
  void add_immediate(std::string name, std::function<HostResult(const HostCall&)> call);
  void add(std::string name, AsyncFunction function, const ServiceOptions& options = {});
  void add_blocking(std::string name, BlockingFunction function,
                    const ServiceOptions& options = {});

  // For Engine::make().
  std::vector<HostFunction> functions() const;

  struct Service {
    AsyncFunction start;
    ServiceOptions options;
  };
  // nullptr: there is none of this name.
  const Service* find(std::string_view name) const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

}  // namespace moonlet::runtime
