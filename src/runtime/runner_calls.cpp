// What scripts ask of their host.
#include <utility>

#include "runtime/runner_core.hpp"

namespace moonlet::runtime::detail {

using State = JobRecord::State;

namespace {

void stop_all(std::vector<std::stop_source>& stops) {
  for (std::stop_source& stop : stops) stop.request_stop();
}

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

bool is_part_of(const Command& command, const AwaitedCalls& awaited) {
  if (command.kind != CommandKind::Await) return false;
  const std::int64_t* origin =
      command.arguments.size() > 1 ? command.arguments[1].integer() : nullptr;
  return origin != nullptr && static_cast<std::uint64_t>(*origin) == awaited.origin;
}

}  // namespace

std::vector<std::stop_source> RunnerCore::drop_awaited(JobRecord& record) {
  std::vector<std::stop_source> stops;
  if (record.awaited == nullptr) return stops;
  for (auto& [call, out] : record.awaited->out) {
    timers_.cancel(out.timer);
    stops.push_back(std::move(out.stop));
  }
  record.awaited.reset();
  record.awaits_any = false;
  return stops;
}

std::vector<std::stop_source> RunnerCore::drop_calls(JobRecord& record) {
  std::vector<std::stop_source> stops = drop_awaited(record);
  if (record.awaited_call != 0) {
    timers_.cancel(record.call_timer);
    if (record.call_stop.stop_possible()) stops.push_back(std::move(record.call_stop));
    record.awaited_call = 0;
  }
  return stops;
}

// REQUIRES: Running. The lock is open while functions of the host begin.
bool RunnerCore::dispatch(JobRecord& record, const Command& command, Lock& lock) {
  if (record.awaited != nullptr && !is_part_of(command, *record.awaited)) {
    auto stops = drop_awaited(record);
    lock.unlock();
    stop_all(stops);
    lock.lock();
  }
  const JobId id = record.id();
  switch (command.kind) {
    case CommandKind::Log:
    case CommandKind::Emit: {
      const auto& hook =
          command.kind == CommandKind::Log ? options_.hooks.on_log : options_.hooks.on_emit;
      if (hook) {
        lock.unlock();
        hook(id, command.name, command.arguments);
        lock.lock();
      }
      record.answer.emplace();
      return true;
    }
    case CommandKind::Sleep: {
      const double* seconds = command.arguments.empty() ? nullptr : command.arguments[0].number();
      const std::int64_t* whole =
          command.arguments.empty() ? nullptr : command.arguments[0].integer();
      record.awaited_call = ++record.calls;
      record.call_name = "sys.sleep";
      record.call_timer = timers_.add(
          time_after_seconds(
              seconds != nullptr ? *seconds : static_cast<double>(whole != nullptr ? *whole : 0)),
          {[](void* self, std::uint64_t who, std::uint64_t call) {
             static_cast<RunnerCore*>(self)->answer(who, call, {});
           },
           this, id, record.awaited_call});
      break;
    }
    case CommandKind::Await:
      start_await(record, command, lock);
      break;
    case CommandKind::Call:
    case CommandKind::Invoke:
      start_call(record, command, lock);
      break;
  }
  if (record.answer) return true;
  if (due_end(record)) return false;
  if (options_.hooks.on_pause) {
    lock.unlock();
    options_.hooks.on_pause(id);
    lock.lock();
    if (record.answer || due_end(record)) {
      lock.unlock();
      if (options_.hooks.on_resume) options_.hooks.on_resume(id);
      lock.lock();
      return record.answer.has_value();
    }
  }
  record.state = State::Suspended;
  return false;
}

void RunnerCore::start_call(JobRecord& record, const Command& command, Lock& lock) {
  const Services::Service* service =
      options_.services != nullptr ? options_.services->find(command.name) : nullptr;
  if (service == nullptr) {
    record.answer.emplace(no_such_function(command.name));
    return;
  }
  const JobId id = record.id();
  const std::uint64_t number = ++record.calls;
  record.awaited_call = number;
  record.call_name = command.name;
  record.call_stop = std::stop_source();
  record.call_timer = {};
  if (service->options.timeout) {
    record.call_timer =
        timers_.add(time_after(*service->options.timeout), {on_call_timeout, this, id, number});
  }
  AsyncCall call{command.id, 0, command.name, command.arguments, record.call_stop.get_token()};
  lock.unlock();
  service->start(std::move(call), Responder(port_, id, number));
  lock.lock();
}

void RunnerCore::start_await(JobRecord& record, const Command& command, Lock& lock) {
  const auto& arguments = command.arguments;
  const Value::Array* list = arguments.empty() ? nullptr : arguments[0].array();
  if (record.awaited == nullptr) {
    record.awaited = std::make_unique<AwaitedCalls>();
    const std::int64_t* origin = arguments.size() > 1 ? arguments[1].integer() : nullptr;
    record.awaited->origin =
        origin != nullptr ? static_cast<std::uint64_t>(*origin) : command.id.sequence;
  }
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const Value* n = (*list)[i].find("n");
    const Value* name = (*list)[i].find("name");
    const Value* payload = (*list)[i].find("payload");
    if (n == nullptr || n->integer() == nullptr || name == nullptr || name->string() == nullptr) {
      continue;
    }
    if (!record.awaited->begun.insert(*n->integer()).second) continue;
    AsyncCall call;
    call.id = {command.id.vm, record.awaited->origin};
    call.part = *n->integer();
    call.name = *name->string();
    if (payload != nullptr) call.arguments.push_back(*payload);
    start_part(record, std::move(call), lock);
  }
  AwaitedCalls& awaited = *record.awaited;
  if (awaited.ended.empty()) {
    record.awaits_any = true;
    record.call_name = "sys." + command.name;
    return;
  }
  auto [n, result] = std::move(awaited.ended.front());
  awaited.ended.pop_front();
  record.answer.emplace(await_answer(n, std::move(result), awaited.origin));
}

void RunnerCore::start_part(JobRecord& record, AsyncCall call, Lock& lock) {
  const Services::Service* service =
      options_.services != nullptr ? options_.services->find(call.name) : nullptr;
  if (service == nullptr) {
    record.awaited->ended.emplace_back(call.part, no_such_function(call.name));
    return;
  }
  const JobId id = record.id();
  const std::uint64_t number = ++record.calls;
  AwaitedCalls::Out& out = record.awaited->out[number];
  out.n = call.part;
  out.name = call.name;
  if (service->options.timeout) {
    out.timer =
        timers_.add(time_after(*service->options.timeout), {on_call_timeout, this, id, number});
  }
  call.stop = out.stop.get_token();
  lock.unlock();
  service->start(std::move(call), Responder(port_, id, number));
  lock.lock();
}

bool RunnerCore::answer(JobId id, std::uint64_t call, HostResult result) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return false;
  {
    const std::lock_guard lock(record->mutex);
    if (record->id() != id || record->state == State::Free || record->state == State::Done) {
      return false;
    }
    if (record->awaited_call == call) {
      record->awaited_call = 0;
      record->call_stop = std::stop_source(std::nostopstate);
      timers_.cancel(record->call_timer);
      record->answer.emplace(std::move(result));
    } else if (record->awaited != nullptr && record->awaited->out.contains(call)) {
      AwaitedCalls& awaited = *record->awaited;
      const auto out = awaited.out.find(call);
      const std::int64_t n = out->second.n;
      timers_.cancel(out->second.timer);
      awaited.out.erase(out);
      if (!std::exchange(record->awaits_any, false)) {
        awaited.ended.emplace_back(n, std::move(result));
        return true;
      }
      record->answer.emplace(await_answer(n, std::move(result), awaited.origin));
    } else {
      return false;
    }
    if (record->state != State::Suspended) return true;  // its worker is about to look
    record->state = State::Ready;
    ++record->references;
  }
  push(Lane::Answered, *record);
  return true;
}

void RunnerCore::on_call_timeout(void* self, std::uint64_t who, std::uint64_t call) {
  static_cast<RunnerCore*>(self)->call_timed_out(who, call);
}

void RunnerCore::call_timed_out(JobId id, std::uint64_t call) {
  JobRecord* record = slots_.find(id);
  if (record == nullptr) return;
  std::stop_source stop{std::nostopstate};
  std::string name;
  {
    const std::lock_guard lock(record->mutex);
    if (record->id() != id) return;
    if (record->awaited_call == call) {
      stop = record->call_stop;
      name = record->call_name;
    } else if (record->awaited != nullptr && record->awaited->out.contains(call)) {
      stop = record->awaited->out.at(call).stop;
      name = record->awaited->out.at(call).name;
    } else {
      return;
    }
  }
  if (answer(id, call, std::unexpected(Value(name + ": no answer in time")))) stop.request_stop();
}

// False: the answer is no data that a script can have, and not even the error could be given.
bool RunnerCore::deliver_answer(JobRecord& record, Vm& vm, JobResult& failure) {
  const HostResult result = *std::exchange(record.answer, std::nullopt);
  const Command* pending = vm.pending();
  const CommandId id = pending != nullptr ? pending->id : CommandId{};
  auto done = result ? vm.resume(id, *result) : vm.resume_with_error(id, result.error());
  if (!done) done = vm.resume_with_error(id, Value("the host's answer: " + done.error()));
  if (done) return true;
  failure.end = JobEnd::ScriptError;
  failure.message = done.error();
  return false;
}

}  // namespace moonlet::runtime::detail
