#include "runtime/scheduler_core.hpp"

#include <algorithm>
#include <utility>

namespace moonlet::runtime::detail {

SchedulerCore::SchedulerCore(SchedulerOptions options)
    : options_(std::move(options)),
      port_(std::make_shared<CorePort<SchedulerCore>>(*this)),
      queues_(options_.thread_count, options_.policy) {
  call_context_.services = options_.services.get();
  call_context_.timers = &timers_;
  call_context_.desk = port_;
  const auto with_id = [this](const auto& hook) {
    return [this, &hook](std::uint64_t who, const std::string& name,
                         const std::vector<Value>& values) {
      if (const auto program = table_.find(who)) hook(program->id, name, values);
    };
  };
  if (options_.on_log) call_context_.on_log = with_id(options_.on_log);
  if (options_.on_emit) call_context_.on_emit = with_id(options_.on_emit);
  for (std::size_t n = 0; n < queues_.size(); ++n) counts_.push_back(std::make_unique<Count>());
  for (std::size_t n = 0; n < options_.thread_count; ++n) {
    threads_.emplace_back([this, n] { work(n); });
  }
}

SchedulerCore::~SchedulerCore() { static_cast<void>(shutdown()); }

// ---- Tables.

std::shared_ptr<Owner> SchedulerCore::owner_of(const ProgramOptions& options) {
  if (options.owner.empty()) return nullptr;
  const std::lock_guard lock(owners_mutex_);
  if (owners_.size() >= owners_max_) {
    std::erase_if(owners_, [](const auto& entry) { return entry.second.expired(); });
    owners_max_ = std::max<std::size_t>(64, owners_.size() * 2);
  }
  std::weak_ptr<Owner>& known = owners_[options.owner];
  std::shared_ptr<Owner> owner = known.lock();
  if (owner == nullptr) {
    owner = std::make_shared<Owner>();
    owner->name = options.owner;
    owner->share = std::max<std::uint32_t>(options.owner_share, 1);
    known = owner;
  }
  return owner;
}

std::expected<std::string, std::string> SchedulerCore::add(Vm vm, ProgramOptions options,
                                                           ProgramStateParts parts) {
  auto program = std::make_shared<Program>();
  program->id = vm.id();
  program->share = std::max<std::uint32_t>(options.share, 1);
  program->priority = options.priority;
  program->deadline = options.deadline;
  program->options = std::move(options);
  program->mailbox = std::move(parts.mailbox);
  program->vm.emplace(std::move(vm));
  const std::string id = program->id;
  program->number = next_number_.fetch_add(1, std::memory_order_relaxed);
  program->owner_record = owner_of(program->options);
  program->owner = program->owner_record.get();
  const auto refuse = [&](const char* why) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    admitted_.fetch_sub(1, std::memory_order_relaxed);
    return std::unexpected(std::string(why));
  };
  if (admitted_.fetch_add(1, std::memory_order_relaxed) >= options_.programs_max) {
    return refuse("there are too many programs");
  }
  // Asked under a lock that shutdown() takes afterwards: it sees what was added before.
  if (!table_.add(program, [&] { return !is_stopping_.load(); })) {
    return refuse(is_stopping_.load() ? "the scheduler is shutting down"
                                      : "there is a program of this id already");
  }
  added_.fetch_add(1, std::memory_order_relaxed);
  Lock lock(program->mutex);
  if (program->state == State::Ended) return id;  // killed already
  program->queue = queues_.place();
  resume_wait(*program, parts, lock);
  return id;
}

// Where a program stands that was saved in a wait, or begins.
void SchedulerCore::resume_wait(Program& program, const ProgramStateParts& parts, Lock& lock) {
  const Command* pending = program.vm->pending();
  if (pending == nullptr) return make_ready(program);
  program.state = State::Running;  // for functions of the host that answer at once
  const Command command = *pending;
  const bool is_timed = parts.remaining_ns.has_value();
  if (is_timed && command.name == "sys.receive" && program.mailbox.empty()) {
    program.receives = program.calls.begin_waiting_until(
        call_context_, program.number, command.name,
        time_after(std::chrono::nanoseconds(*parts.remaining_ns)));
  } else if (is_timed && command.kind == CommandKind::Sleep) {
    program.calls.begin_waiting_until(call_context_, program.number, "sys.sleep",
                                      time_after(std::chrono::nanoseconds(*parts.remaining_ns)));
  } else {
    begin_command(program, command, lock);
  }
  if (program.calls.has_answer()) return make_ready(program);
  make_waiting(program);
}

// ---- States.

void SchedulerCore::set_active(Program& program, bool is_active) {
  if (program.owner == nullptr || program.is_active == is_active) return;
  program.is_active = is_active;
  if (is_active) {
    program.owner->active.fetch_add(program.share, std::memory_order_relaxed);
  } else {
    program.owner->active.fetch_sub(program.share, std::memory_order_relaxed);
  }
}

void SchedulerCore::make_ready(Program& program, RunQueues::From from) {
  set_active(program, true);
  if (program.is_held || is_stopping_.load()) {
    program.state = State::Parked;
    return;
  }
  program.state = State::Ready;
  program.queued = program.shared_from_this();
  queues_.add(program, program.queue, std::exchange(program.used, {}), from);
  if (threads_.empty() && options_.waker && queues_.count(program.queue) == 1) options_.waker();
}

void SchedulerCore::make_waiting(Program& program) {
  set_active(program, false);
  program.state = State::Waiting;
  if (options_.rests_while_waiting) static_cast<void>(program.vm->rest());
}

void SchedulerCore::end(Program& program, Lock& lock, Outcome outcome) {
  const std::shared_ptr<Program> keep = program.shared_from_this();
  set_active(program, false);
  program.state = State::Ended;
  auto stops = program.calls.drop(timers_);
  std::optional<Vm> vm = std::exchange(program.vm, std::nullopt);
  program.mailbox.clear();
  lock.unlock();
  held_.notify_all();
  for (std::stop_source& stop : stops) stop.request_stop();
  vm.reset();
  ProgramEnd told{program.id, std::move(outcome), program.fuel.load()};
  if (program.options.on_end) program.options.on_end(std::move(told));
  ended_.fetch_add(1, std::memory_order_relaxed);
  admitted_.fetch_sub(1, std::memory_order_relaxed);
  if (table_.remove(program) != 0) return;
  const std::lock_guard ended_lock(all_ended_mutex_);
  all_ended_.notify_all();
}

// ---- Running.

void SchedulerCore::work(std::size_t queue) {
  while (Turn* turn = queues_.take(queue)) run_turn(static_cast<Program&>(*turn), queue);
}

std::size_t SchedulerCore::poll(const Scheduler::PollBudget& budget) {
  using Clock = std::chrono::steady_clock;
  const bool is_timed = budget.time_max != std::chrono::nanoseconds::max();
  const Clock::time_point start = is_timed ? Clock::now() : Clock::time_point();
  std::size_t turns = 0;
  while (turns < budget.turns_max && !is_stopping_.load()) {
    Turn* turn = queues_.try_take(0);
    if (turn == nullptr) break;
    run_turn(static_cast<Program&>(*turn), 0);
    ++turns;
    if (is_timed && Clock::now() - start >= budget.time_max) break;
  }
  return turns;
}

namespace {
constexpr std::uint32_t kTurnsToLook = 8;
}  // namespace

// The same for all threads, or programs of one that has fewer would have more; so it goes by the
// mean of all queues, which is looked at now and then.
std::uint64_t SchedulerCore::slice_fuel(Count& count) const {
  if (count.turns_to_look-- != 0) return count.slice_fuel;
  count.turns_to_look = kTurnsToLook;
  std::uint64_t ready = queues_.size();
  for (std::size_t n = 0; n < queues_.size(); ++n) ready += queues_.count(n);
  count.slice_fuel =
      std::clamp(options_.round_fuel * queues_.size() / ready, options_.slice_fuel_min,
                 std::max(options_.slice_fuel_min, options_.slice_fuel_max));
  return count.slice_fuel;
}

namespace {
// So many answers at once in one slice.
constexpr int kCommandsMax = 100;
}  // namespace

Running& running_here() {
  static thread_local Running running;
  return running;
}

void SchedulerCore::run_turn(Program& program, std::size_t queue) {
  // The queue had it until now; this keeps it to the end of the turn, longer than its lock.
  std::shared_ptr<Program> keep;
  Lock lock(program.mutex);
  keep = std::move(program.queued);
  if (program.state != State::Ready) return;
  if (program.is_held || is_stopping_.load()) {
    program.state = State::Parked;
    return;
  }
  program.state = State::Running;
  program.queue = queue;
  Count& count = *counts_[queue];
  count.turns.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t slice = slice_fuel(count);
  std::uint64_t left = slice;
  program.used.slice_fuel = slice;
  for (int commands = 0;;) {
    if (program.calls.has_answer()) {
      if (auto given = program.calls.deliver(*program.vm); !given) {
        return end(program, lock, Failed{{}, given.error(), {}});
      }
    }
    const std::uint64_t before = program.fuel.load(std::memory_order_relaxed);
    lock.unlock();
    running_here() = {this, &program};
    Outcome outcome = program.vm->run({.fuel = left});
    running_here() = {};
    const std::uint64_t after = program.vm->usage().fuel;
    if (profile_period_ns_.load(std::memory_order_relaxed) != 0) sample(*program.vm, count);
    lock.lock();
    const std::uint64_t used = after - std::min(before, after);
    program.fuel.store(after, std::memory_order_relaxed);
    program.used.fuel += used;
    count.fuel.fetch_add(used, std::memory_order_relaxed);
    left -= std::min(left, used);
    if (const auto* suspended = std::get_if<Suspended>(&outcome)) {
      begin_command(program, suspended->command, lock);
      if (program.is_killed) return end(program, lock, Killed{});
      if (!program.calls.has_answer()) {
        make_waiting(program);
        break;
      }
      // It goes on with what is left of its slice, but for a stop. What costs no fuel costs time.
      if (left > 0 && ++commands < kCommandsMax && !program.is_held && !is_stopping_.load()) {
        continue;
      }
    } else if (!std::holds_alternative<Preempted>(outcome)) {
      return end(program, lock, std::move(outcome));
    }
    make_ready(program, RunQueues::From::Running);
    break;
  }
  const bool is_held = program.is_held;
  lock.unlock();
  if (is_held) held_.notify_all();
}

// Slices end anywhere, so their ends are a sample of what runs.
void SchedulerCore::sample(const Vm& vm, Count& count) {
  const auto now = std::chrono::steady_clock::now();
  if (now < count.next_sample) return;
  count.next_sample = now + std::chrono::nanoseconds(profile_period_ns_.load());
  const std::vector<StackFrame> stack = vm.stack(64);
  const std::lock_guard lock(profile_mutex_);
  if (profile_period_ns_.load() != 0) profile_.add(stack);
}

void SchedulerCore::begin_profile(unsigned samples_per_second) {
  const std::lock_guard lock(profile_mutex_);
  profile_.clear();
  profile_period_ns_.store(1'000'000'000 / std::max(samples_per_second, 1u));
}

std::string SchedulerCore::end_profile() {
  const std::lock_guard lock(profile_mutex_);
  profile_period_ns_.store(0);
  return profile_.text();
}

void SchedulerCore::begin_command(Program& program, const Command& command, Lock& lock) {
  if (command.kind == CommandKind::Call && command.name == "sys.receive") {
    return begin_receive(program, command);
  }
  program.calls.begin(call_context_, program.number, command, lock);
}

void SchedulerCore::begin_receive(Program& program, const Command& command) {
  const Value* limit = command.arguments.empty() ? nullptr : &command.arguments[0];
  double seconds = -1;
  if (limit != nullptr && limit->number() != nullptr) seconds = *limit->number();
  if (limit != nullptr && limit->integer() != nullptr) {
    seconds = static_cast<double>(*limit->integer());
  }
  const bool has_number = seconds >= 0;
  if (limit != nullptr && !limit->is_nil() && !has_number) {
    const std::uint64_t call = program.calls.begin_waiting(command.name);
    static_cast<void>(program.calls.accept(
        timers_, call,
        std::unexpected(Value("sys.receive: seconds are a number from 0 on, or nothing"))));
    return;
  }
  if (!program.mailbox.empty()) {
    const std::uint64_t call = program.calls.begin_waiting(command.name);
    HostResult message = std::vector<Value>{std::move(program.mailbox.front())};
    program.mailbox.pop_front();
    static_cast<void>(program.calls.accept(timers_, call, std::move(message)));
    return;
  }
  program.receives =
      has_number ? program.calls.begin_waiting_until(call_context_, program.number, command.name,
                                                     time_after_seconds(seconds))
                 : program.calls.begin_waiting(command.name);
}

// ---- From outside.

bool SchedulerCore::answer(std::uint64_t who, std::uint64_t call, HostResult result) {
  const std::shared_ptr<Program> program = table_.find(who);
  if (program == nullptr) return false;
  const std::lock_guard lock(program->mutex);
  if (program->state == State::Ended) return false;
  if (call == program->receives && result && result->empty()) {
    result = std::vector<Value>{Value(), "timeout"};
  }
  if (!program->calls.accept(timers_, call, std::move(result))) return false;
  program->receives = 0;
  if (program->state == State::Waiting && program->calls.has_answer()) make_ready(*program);
  return true;
}

void SchedulerCore::call_timed_out(std::uint64_t who, std::uint64_t call) {
  const std::shared_ptr<Program> program = table_.find(who);
  if (program == nullptr) return;
  std::optional<std::pair<std::stop_source, std::string>> late;
  {
    const std::lock_guard lock(program->mutex);
    late = program->calls.time_out(call);
  }
  if (late && answer(who, call, std::unexpected(Value(late->second)))) late->first.request_stop();
}

namespace {

bool is_data(const Value& value) {
  if (value.host_object() != nullptr) return false;
  if (const auto* list = value.array()) return std::all_of(list->begin(), list->end(), is_data);
  if (const auto* record = value.object()) {
    return std::all_of(record->begin(), record->end(),
                       [](const Member& member) { return is_data(member.value); });
  }
  if (const auto* map = value.map()) {
    return std::all_of(map->begin(), map->end(),
                       [](const Entry& entry) { return is_data(entry.value); });
  }
  return true;
}

}  // namespace

Sent SchedulerCore::send(const std::string& id, Value message) {
  const auto refuse = [&](Sent why) {
    messages_refused_.fetch_add(1, std::memory_order_relaxed);
    return why;
  };
  if (!is_data(message)) return refuse(Sent::NoData);
  const std::shared_ptr<Program> program = table_.find(id);
  if (program == nullptr) return refuse(Sent::NoSuchProgram);
  const std::lock_guard lock(program->mutex);
  if (program->state == State::Ended) return refuse(Sent::NoSuchProgram);
  // One that waits for it gets it at once: its mailbox is empty.
  if (program->receives != 0 && !program->calls.has_answer()) {
    const std::uint64_t call = std::exchange(program->receives, 0);
    if (program->calls.accept(timers_, call, std::vector<Value>{std::move(message)})) {
      if (program->state == State::Waiting) make_ready(*program);
      messages_.fetch_add(1, std::memory_order_relaxed);
      return Sent::Delivered;
    }
  }
  if (program->mailbox.size() >= program->options.mailbox_max) return refuse(Sent::MailboxFull);
  program->mailbox.push_back(std::move(message));
  messages_.fetch_add(1, std::memory_order_relaxed);
  return Sent::Delivered;
}

bool SchedulerCore::kill(const std::string& id) {
  const std::shared_ptr<Program> program = table_.find(id);
  if (program == nullptr) return false;
  Lock lock(program->mutex);
  if (program->state == State::Ended) return false;
  program->is_killed = true;
  if (program->state == State::Running || program->is_held) {
    program->vm->kill();  // who has it sees that it was
    return true;
  }
  end(*program, lock, Killed{});
  return true;
}

bool SchedulerCore::with_program(const std::string& id,
                                 const std::function<void(Program&, Lock&)>& look) {
  const std::shared_ptr<Program> program = table_.find(id);
  if (program == nullptr) return false;
  Lock lock(program->mutex);
  held_.wait(lock, [&] { return !program->is_held; });
  program->is_held = true;
  while (program->state == State::Running) {
    program->vm->interrupt();
    held_.wait(lock);
  }
  const bool is_there = program->state != State::Ended;
  if (is_there) look(*program, lock);
  program->is_held = false;
  if (is_there && program->is_killed) {
    end(*program, lock, Killed{});
    return true;
  }
  // A queue that took it meanwhile has parked it; one that still has it will not.
  if (program->state == State::Parked) make_ready(*program);
  lock.unlock();
  held_.notify_all();
  return is_there;
}

// REQUIRES: the lock, and that it does not run.
std::expected<std::string, std::string> SchedulerCore::bytes_of(Program& program) {
  ProgramStateParts parts;
  if (program.calls.has_answer()) {
    if (auto given = program.calls.deliver(*program.vm); !given) {
      return std::unexpected(given.error());
    }
  }
  const Command* pending = program.vm->pending();
  const bool is_timed =
      pending != nullptr && (pending->kind == CommandKind::Sleep || pending->name == "sys.receive");
  if (const auto until = program.calls.until(); is_timed && until) {
    const auto left = *until - std::chrono::steady_clock::now();
    parts.remaining_ns = std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(left).count(), 0);
  }
  auto state = program.vm->freeze();
  if (!state) return std::unexpected(state.error());
  parts.vm = std::move(*state);
  parts.mailbox = program.mailbox;
  return write_program_state(parts);
}

std::expected<std::string, std::string> SchedulerCore::save(const std::string& id) {
  std::expected<std::string, std::string> bytes = std::unexpected("there is no program " + id);
  with_program(id, [&](Program& program, Lock&) { bytes = bytes_of(program); });
  return bytes;
}

std::optional<ProgramInfo> SchedulerCore::find(const std::string& id) const {
  const std::shared_ptr<Program> program = table_.find(id);
  if (program == nullptr) return std::nullopt;
  const std::lock_guard lock(program->mutex);
  if (program->state == State::Ended) return std::nullopt;
  ProgramInfo info{id, program->options.owner,  ProgramState::Ready,
                   {}, program->mailbox.size(), program->fuel.load()};
  if (program->state == State::Running) info.state = ProgramState::Running;
  if (program->state == State::Waiting) {
    info.state = ProgramState::Waiting;
    info.waits_for = program->calls.name();
  }
  return info;
}

std::vector<ProgramInfo> SchedulerCore::programs() const {
  std::vector<ProgramInfo> list;
  for (const auto& program : table_.all()) {
    if (auto info = find(program->id)) list.push_back(std::move(*info));
  }
  return list;
}

SchedulerStats SchedulerCore::stats() const {
  SchedulerStats stats;
  stats.programs = table_.size();
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    stats.ready += queues_.count(n);
    stats.turns += counts_[n]->turns.load();
    stats.fuel += counts_[n]->fuel.load();
  }
  stats.added = added_.load();
  stats.ended = ended_.load();
  stats.refused = refused_.load();
  stats.stolen = queues_.stolen();
  stats.evened = queues_.evened();
  stats.messages = messages_.load();
  stats.messages_refused = messages_refused_.load();
  return stats;
}

void SchedulerCore::wait_all_ended() {
  std::unique_lock lock(all_ended_mutex_);
  all_ended_.wait(lock, [&] { return table_.size() == 0; });
}

std::vector<SavedProgram> SchedulerCore::shutdown() {
  if (is_stopping_.exchange(true)) return {};
  for (const auto& program : table_.all()) {
    const std::lock_guard lock(program->mutex);
    if (program->state == State::Running && program->vm) program->vm->interrupt();
  }
  queues_.stop();
  for (std::thread& thread : threads_) thread.join();
  timers_.stop();
  port_->detach();
  for (std::size_t n = 0; n < queues_.size(); ++n) {
    while (Turn* turn = queues_.try_take(n)) static_cast<Program*>(turn)->queued.reset();
  }
  std::vector<SavedProgram> saved;
  for (const auto& program : table_.all()) {
    Lock lock(program->mutex);
    if (program->state == State::Ended) continue;
    SavedProgram one;
    one.id = program->id;
    if (auto bytes = bytes_of(*program)) {
      one.bytes = std::move(*bytes);
    } else {
      one.error = bytes.error();
    }
    saved.push_back(std::move(one));
    program->state = State::Ended;
    auto stops = program->calls.drop(timers_);
    program->vm.reset();
    lock.unlock();
    for (std::stop_source& stop : stops) stop.request_stop();
  }
  for (const auto& program : table_.all()) table_.remove(*program);
  const std::lock_guard lock(all_ended_mutex_);
  all_ended_.notify_all();
  return saved;
}

}  // namespace moonlet::runtime::detail
