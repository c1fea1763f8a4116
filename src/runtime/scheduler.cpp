#include "moonlet/runtime/scheduler.hpp"

#include <utility>

#include "runtime/scheduler_core.hpp"

namespace moonlet::runtime {

const char* text_of(Sent sent) {
  switch (sent) {
    case Sent::Delivered:
      return "delivered";
    case Sent::MailboxFull:
      return "mailbox full";
    case Sent::NoSuchProgram:
      return "no such program";
    case Sent::NoData:
      return "not data";
  }
  return "";
}

std::vector<HostFunction> message_functions() {
  const auto send = [](const HostCall& call) -> HostResult {
    const auto id = call.string(0);
    if (!id) return std::unexpected(call.wrong_argument(0, "string"));
    const detail::Running& running = detail::running_here();
    if (running.core == nullptr) {
      return std::unexpected(Value("sys.send: no scheduler runs this program"));
    }
    const Sent sent = running.core->send(std::string(*id), call.argument(1));
    if (sent == Sent::Delivered) return results(true);
    return results(false, text_of(sent));
  };
  const auto self = [](const HostCall&) -> HostResult {
    const detail::Running& running = detail::running_here();
    if (running.program == nullptr) return results(Value());
    return results(running.program->id);
  };
  return {{"sys.send", send}, {"sys.receive", {}}, {"sys.self", self}};
}

Scheduler::Scheduler(SchedulerOptions options)
    : core_(std::make_unique<detail::SchedulerCore>(std::move(options))) {}
Scheduler::~Scheduler() = default;

std::expected<std::string, std::string> Scheduler::add(Vm vm, ProgramOptions options) {
  return core_->add(std::move(vm), std::move(options), {});
}

namespace {

template <typename Images>
std::expected<std::string, std::string> restore_on(detail::SchedulerCore& core,
                                                   const Images& images, std::string_view bytes,
                                                   ProgramOptions options,
                                                   const ForkOptions& fork) {
  auto parts = read_program_state(bytes);
  if (!parts) return std::unexpected(parts.error());
  auto vm = Vm::thaw(images, parts->vm, fork);
  if (!vm) return std::unexpected(vm.error());
  return core.add(std::move(*vm), std::move(options), std::move(*parts));
}

}  // namespace

std::expected<std::string, std::string> Scheduler::restore(const Image& image,
                                                           std::string_view bytes,
                                                           ProgramOptions options,
                                                           const ForkOptions& fork) {
  return restore_on(*core_, image, bytes, std::move(options), fork);
}

std::expected<std::string, std::string> Scheduler::restore(const ImageStore& images,
                                                           std::string_view bytes,
                                                           ProgramOptions options,
                                                           const ForkOptions& fork) {
  return restore_on(*core_, images, bytes, std::move(options), fork);
}

Sent Scheduler::send(const std::string& id, Value message) {
  return core_->send(id, std::move(message));
}
bool Scheduler::kill(const std::string& id) { return core_->kill(id); }
bool Scheduler::with_program(const std::string& id, const std::function<void(Vm&)>& look) {
  return core_->with_program(id, [&](detail::Program& program, detail::SchedulerCore::Lock& lock) {
    lock.unlock();
    look(*program.vm);
    lock.lock();
  });
}
std::expected<std::string, std::string> Scheduler::save(const std::string& id) {
  return core_->save(id);
}
void Scheduler::begin_profile(unsigned samples_per_second) {
  core_->begin_profile(samples_per_second);
}
std::string Scheduler::end_profile() { return core_->end_profile(); }
std::optional<ProgramInfo> Scheduler::find(const std::string& id) const { return core_->find(id); }
std::vector<ProgramInfo> Scheduler::programs() const { return core_->programs(); }
SchedulerStats Scheduler::stats() const { return core_->stats(); }
void Scheduler::wait_all_ended() { core_->wait_all_ended(); }
std::vector<SavedProgram> Scheduler::shutdown() { return core_->shutdown(); }
std::size_t Scheduler::poll(const PollBudget& budget) { return core_->poll(budget); }

}  // namespace moonlet::runtime
