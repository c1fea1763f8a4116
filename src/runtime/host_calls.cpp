#include "runtime/host_calls.hpp"

namespace moonlet::runtime::detail {

namespace {

// The four values that sys.all and its like get.
HostResult await_answer(std::int64_t n, HostResult result, std::uint64_t origin) {
  Value value;
  const bool has_result = result.has_value();
  if (!has_result) {
    value = std::move(result.error());
  } else if (!result->empty()) {
    value = std::move(result->front());
  }
  return std::vector<Value>{n, has_result, std::move(value), static_cast<std::int64_t>(origin)};
}

std::unexpected<Value> no_such_function(const std::string& name) {
  return std::unexpected(Value("the host has no function '" + name + "'"));
}

const Services::Service* find_service(const CallContext& context, const std::string& name) {
  return context.services != nullptr ? context.services->find(name) : nullptr;
}

// The Command that asked first, when it is not this one.
const std::int64_t* origin_of(const Command& command) {
  return command.arguments.size() > 1 ? command.arguments[1].integer() : nullptr;
}

Timers::Key add_timeout(const CallContext& context, const Services::Service& service,
                        std::uint64_t who, std::uint64_t call) {
  if (!service.options.timeout) return {};
  return context.timers->add(time_after(*service.options.timeout),
                             {[](void* self, std::uint64_t of, std::uint64_t which) {
                                static_cast<CallDesk*>(self)->call_timed_out(of, which);
                              },
                              context.desk.get(), who, call});
}

double seconds_of(const Command& command) {
  if (command.arguments.empty()) return 0;
  if (const double* number = command.arguments[0].number()) return *number;
  const std::int64_t* integer = command.arguments[0].integer();
  return integer != nullptr ? static_cast<double>(*integer) : 0;
}

}  // namespace

HostCalls::Stops HostCalls::drop_awaited(Timers& timers) {
  Stops stops;
  if (awaited_ == nullptr) return stops;
  for (auto& [call, out] : awaited_->out) {
    timers.cancel(out.timer);
    stops.push_back(std::move(out.stop));
  }
  awaited_.reset();
  waits_for_any_ = false;
  return stops;
}

HostCalls::Stops HostCalls::drop(Timers& timers) {
  Stops stops = drop_awaited(timers);
  timers.cancel(timer_);
  timer_ = {};
  if (waits_for_ != 0 && stop_.stop_possible()) stops.push_back(std::move(stop_));
  waits_for_ = 0;
  answer_.reset();
  return stops;
}

void HostCalls::begin(const CallContext& context, std::uint64_t who, const Command& command,
                      Lock& lock) {
  if (awaited_ != nullptr) {
    const std::int64_t* origin = command.kind == CommandKind::Await ? origin_of(command) : nullptr;
    if (origin == nullptr || static_cast<std::uint64_t>(*origin) != awaited_->origin) {
      Stops stops = drop_awaited(*context.timers);
      lock.unlock();
      for (std::stop_source& stop : stops) stop.request_stop();
      lock.lock();
    }
  }
  switch (command.kind) {
    case CommandKind::Log:
    case CommandKind::Emit: {
      const auto& hook = command.kind == CommandKind::Log ? context.on_log : context.on_emit;
      if (hook) {
        lock.unlock();
        hook(who, command.name, command.arguments);
        lock.lock();
      }
      answer_.emplace();
      return;
    }
    case CommandKind::Sleep:
      begin_waiting_until(context, who, "sys.sleep", time_after_seconds(seconds_of(command)));
      return;
    case CommandKind::Await:
      return begin_await(context, who, command, lock);
    case CommandKind::Call:
    case CommandKind::Invoke:
      return begin_call(context, who, command, lock);
  }
}

std::uint64_t HostCalls::begin_waiting(std::string name) {
  name_ = std::move(name);
  stop_ = std::stop_source(std::nostopstate);
  timer_ = {};
  return waits_for_ = ++count_;
}

std::uint64_t HostCalls::begin_waiting_until(const CallContext& context, std::uint64_t who,
                                             std::string name, Timers::Clock::time_point when) {
  const std::uint64_t call = begin_waiting(std::move(name));
  timer_ = context.timers->add(when, {[](void* self, std::uint64_t of, std::uint64_t which) {
                                        static_cast<CallDesk*>(self)->answer(of, which, {});
                                      },
                                      context.desk.get(), who, call});
  return call;
}

void HostCalls::begin_call(const CallContext& context, std::uint64_t who, const Command& command,
                           Lock& lock) {
  const Services::Service* service = find_service(context, command.name);
  if (service == nullptr) {
    answer_.emplace(no_such_function(command.name));
    return;
  }
  const std::uint64_t number = begin_waiting(command.name);
  stop_ = std::stop_source();
  timer_ = add_timeout(context, *service, who, number);
  AsyncCall call{command.id, 0, command.name, command.arguments, stop_.get_token()};
  lock.unlock();
  service->start(std::move(call), Responder(context.desk, who, number));
  lock.lock();
}

void HostCalls::begin_await(const CallContext& context, std::uint64_t who, const Command& command,
                            Lock& lock) {
  const auto& arguments = command.arguments;
  const Value::Array* list = arguments.empty() ? nullptr : arguments[0].array();
  if (awaited_ == nullptr) {
    awaited_ = std::make_unique<Awaited>();
    const std::int64_t* origin = origin_of(command);
    awaited_->origin =
        origin != nullptr ? static_cast<std::uint64_t>(*origin) : command.id.sequence;
  }
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const Value* n = (*list)[i].find("n");
    const Value* name = (*list)[i].find("name");
    const Value* payload = (*list)[i].find("payload");
    if (n == nullptr || n->integer() == nullptr || name == nullptr || name->string() == nullptr) {
      continue;
    }
    if (!awaited_->begun.insert(*n->integer()).second) continue;
    AsyncCall call;
    call.id = {command.id.vm, awaited_->origin};
    call.part = *n->integer();
    call.name = *name->string();
    if (payload != nullptr) call.arguments.push_back(*payload);
    begin_part(context, who, std::move(call), lock);
  }
  if (awaited_->ended.empty()) {
    waits_for_any_ = true;
    name_ = "sys." + command.name;
    return;
  }
  auto [n, result] = std::move(awaited_->ended.front());
  awaited_->ended.pop_front();
  answer_.emplace(await_answer(n, std::move(result), awaited_->origin));
}

void HostCalls::begin_part(const CallContext& context, std::uint64_t who, AsyncCall call,
                           Lock& lock) {
  const Services::Service* service = find_service(context, call.name);
  if (service == nullptr) {
    awaited_->ended.emplace_back(call.part, no_such_function(call.name));
    return;
  }
  const std::uint64_t number = ++count_;
  Out& out = awaited_->out[number];
  out.n = call.part;
  out.name = call.name;
  out.timer = add_timeout(context, *service, who, number);
  call.stop = out.stop.get_token();
  lock.unlock();
  service->start(std::move(call), Responder(context.desk, who, number));
  lock.lock();
}

bool HostCalls::accept(Timers& timers, std::uint64_t call, HostResult result) {
  if (waits_for_ == call && call != 0) {
    waits_for_ = 0;
    timers.cancel(timer_);
    timer_ = {};
    answer_.emplace(std::move(result));
    return true;
  }
  if (awaited_ == nullptr) return false;
  const auto out = awaited_->out.find(call);
  if (out == awaited_->out.end()) return false;
  const std::int64_t n = out->second.n;
  timers.cancel(out->second.timer);
  awaited_->out.erase(out);
  if (std::exchange(waits_for_any_, false)) {
    answer_.emplace(await_answer(n, std::move(result), awaited_->origin));
  } else {
    awaited_->ended.emplace_back(n, std::move(result));
  }
  return true;
}

std::optional<std::pair<std::stop_source, std::string>> HostCalls::time_out(
    std::uint64_t call) const {
  const auto with_message = [](const std::stop_source& stop, const std::string& name) {
    return std::pair(stop, name + ": no answer in time");
  };
  if (waits_for_ == call) return with_message(stop_, name_);
  if (awaited_ == nullptr) return std::nullopt;
  const auto out = awaited_->out.find(call);
  if (out == awaited_->out.end()) return std::nullopt;
  return with_message(out->second.stop, out->second.name);
}

std::expected<void, std::string> HostCalls::deliver(Vm& vm) {
  const HostResult result = *std::exchange(answer_, std::nullopt);
  const Command* pending = vm.pending();
  const CommandId id = pending != nullptr ? pending->id : CommandId{};
  auto done = result ? vm.resume(id, *result) : vm.resume_with_error(id, result.error());
  if (done) return done;
  // What the host answered is no data that a script can have.
  return vm.resume_with_error(id, Value("the host's answer: " + done.error()));
}

}  // namespace moonlet::runtime::detail
