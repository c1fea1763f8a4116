#include "moonlet/runtime/services.hpp"

#include <map>
#include <mutex>
#include <utility>

#include "moonlet/runtime/executor.hpp"

namespace moonlet::runtime {

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    Responder old = std::move(*this);  // answers, if it has not
    sink_ = std::move(other.sink_);
    who_ = other.who_;
    call_ = other.call_;
  }
  return *this;
}

Responder::~Responder() {
  if (sink_ != nullptr) {
    (*this)(std::unexpected(Value("the host dropped the call without an answer")));
  }
}

bool Responder::operator()(HostResult result) {
  const std::shared_ptr<AnswerSink> sink = std::move(sink_);
  return sink != nullptr && sink->answer(who_, call_, std::move(result));
}

struct Services::Content {
  // ---- Constant once something runs.
  std::size_t blocking_threads;
  std::map<std::string, Service, std::less<>> services;
  std::vector<HostFunction> functions;

  std::once_flag pool_is_made;
  std::unique_ptr<ThreadExecutor> pool;

  ThreadExecutor& blocking_pool() {
    std::call_once(pool_is_made,
                   [&] { pool = std::make_unique<ThreadExecutor>(blocking_threads); });
    return *pool;
  }
};

Services::Services(std::size_t blocking_threads) : content_(std::make_unique<Content>()) {
  content_->blocking_threads = blocking_threads;
}
Services::~Services() = default;

void Services::add_immediate(std::string name, std::function<HostResult(const HostCall&)> call) {
  content_->functions.push_back({std::move(name), std::move(call)});
}

void Services::add(std::string name, AsyncFunction function, const ServiceOptions& options) {
  content_->functions.push_back({name, {}});
  content_->services.insert_or_assign(std::move(name), Service{std::move(function), options});
}

void Services::add_blocking(std::string name, BlockingFunction function,
                            const ServiceOptions& options) {
  Content* content = content_.get();
  auto shared = std::make_shared<const BlockingFunction>(std::move(function));
  add(
      std::move(name),
      [content, shared](AsyncCall call, Responder respond) {
        // A pool that takes nothing more destroys the task, and with it the Responder, which
        // answers.
        content->blocking_pool().submit(
            [shared, call = std::move(call), respond = std::move(respond)]() mutable {
              if (call.stop.stop_requested()) return;
              respond((*shared)(call));
            });
      },
      options);
}

std::vector<HostFunction> Services::functions() const { return content_->functions; }

const Services::Service* Services::find(std::string_view name) const {
  const auto found = content_->services.find(name);
  return found != content_->services.end() ? &found->second : nullptr;
}

}  // namespace moonlet::runtime
