#include "api/vm_record.hpp"

#include <algorithm>
#include <exception>

#include "api/allocator.hpp"
#include "api/convert.hpp"
#include "heap/table.hpp"
#include "stdlib/math_random.hpp"
#include "vm/call.hpp"
#include "vm/launch.hpp"

namespace moonlet::api {

using heap::ThreadEntry;
using heap::ThreadStatus;
using vm::kStop;

namespace {

// Small, since most forks are idle; the first call of a script makes it grow.
constexpr std::uint32_t kMainStackSlots = vm::kStackSlack + 32;

CommandKind kind_of(std::string_view builtin) {
  if (builtin == "host:invoke") return CommandKind::Invoke;
  if (builtin == "host:emit") return CommandKind::Emit;
  if (builtin == "host:log") return CommandKind::Log;
  if (builtin == "intrinsic.await") return CommandKind::Await;
  if (builtin == "intrinsic.sleep") return CommandKind::Sleep;
  return CommandKind::Call;
}

// What the program calls the function in whose frame it waits.
std::string_view short_name(std::string_view builtin) {
  const std::size_t colon = builtin.find_last_of(":.");
  return colon == std::string_view::npos ? builtin : builtin.substr(colon + 1);
}

}  // namespace

const std::string& VmRecord::id() {
  if (id_text_ == nullptr) {
    id_text_ = std::make_unique<std::string>();
    for (const std::uint64_t bits : id_number_) {
      for (int digit = 15; digit >= 0; --digit) {
        *id_text_ += "0123456789abcdef"[(bits >> (4 * digit)) & 15];
      }
    }
  }
  return *id_text_;
}

void VmRecord::set_id(std::string_view text) { id_text_ = std::make_unique<std::string>(text); }

void VmRecord::make_id() {
  for (std::uint64_t& bits : id_number_) bits = entropy();
  id_text_.reset();
}

const Value& VmRecord::config() const {
  static const Value kNone;
  return config_ == nullptr ? kNone : *config_;
}

void VmRecord::set_config(const Value& value) {
  config_ = value.is_nil() ? nullptr : std::make_unique<Value>(value);
}

void VmRecord::adopt(std::unique_ptr<vm::Vm> new_machine) {
  machine = std::move(new_machine);
  machine->host = this;
  machine->host_context = this;
  machine->stop_request = &stop_request;
  if (!is_newborn_) return;
  is_newborn_ = false;
  stdlib::seed_random(machine->random_state, birth_.seed[0], birth_.seed[1]);
  if (birth_.limits != nullptr) lower_limits(*machine, *birth_.limits);
  birth_.limits.reset();
}

std::unique_ptr<vm::Vm> VmRecord::fork_of_image() {
  auto fork = engine().bare_vm(*this, image->dialect, heap_allocator(allocator));
  if (fork == nullptr || !image->start->fork_into(*fork)) return nullptr;
  return fork;
}

std::expected<std::unique_ptr<vm::Vm>, std::string> VmRecord::thawed_machine(
    std::string_view state) {
  auto thawed = engine().bare_vm(*this, image->dialect, heap_allocator(allocator));
  if (thawed == nullptr) return std::unexpected("not enough memory for a Vm");
  if (auto done = image::thaw(*thawed, engine().base_objects(), image->start.get(), state); !done) {
    return std::unexpected(done.error());
  }
  return thawed;
}

vm::Vm* VmRecord::wake() {
  if (ML_LIKELY(machine != nullptr)) return machine.get();
  // Both can only fail for lack of memory: the state is one that freezing gave.
  auto fresh =
      rest_state_ == nullptr ? fork_of_image() : thawed_machine(rest_state()).value_or(nullptr);
  if (fresh == nullptr) return nullptr;
  give_up_rest_state();
  fresh->files = std::move(rest_files_);
  adopt(std::move(fresh));
  const bool is_known = find_pending().has_value();
  ML_CHECK(is_known);
  return machine.get();
}

std::expected<image::FrozenMachine, std::string> VmRecord::frozen() {
  if (wake() == nullptr) return std::unexpected(std::string("not enough memory"));
  auto state = image::freeze(*machine, engine().base_objects(), image->start.get());
  if (!state) return std::unexpected(state.error().message);
  return std::move(*state);
}

std::expected<void, std::string> VmRecord::go_back(std::string_view state, std::uint64_t answered) {
  if (machine != nullptr || is_newborn_) {
    auto fresh = thawed_machine(state);
    if (!fresh) return std::unexpected(fresh.error());
    (*fresh)->files = std::move(machine != nullptr ? machine->files : rest_files_);
    is_newborn_ = false;
    sequence = answered;
    adopt(std::move(*fresh));
    const bool is_known = find_pending().has_value();
    ML_CHECK(is_known);
  } else {
    if (!rest(state)) return std::unexpected(std::string("not enough memory"));
    sequence = answered;
  }
  raise_next.reset();
  return {};
}

bool VmRecord::rest(std::string_view state) {
  base::CborWriter whole;
  whole.borrow(state);
  return rest({&whole, 1});
}

bool VmRecord::rest(std::span<const base::CborWriter> state) {
  const std::size_t size = base::size_of(state);
  const heap::HostAllocator memory = heap_allocator(allocator);
  auto* kept = static_cast<char*>(memory.allocate(memory.context, size));
  if (kept == nullptr) return false;
  base::write_to(kept, state);
  give_up_rest_state();
  rest_state_ = kept;
  rest_bytes_ = size;
  pending.reset();
  if (machine != nullptr) rest_files_ = std::move(machine->files);
  machine.reset();
  return true;
}

void VmRecord::give_up_rest_state() {
  if (rest_state_ == nullptr) return;
  const heap::HostAllocator memory = heap_allocator(allocator);
  memory.release(memory.context, rest_state_, rest_bytes_);
  rest_state_ = nullptr;
  rest_bytes_ = 0;
}

void VmRecord::make_individual(const ForkOptions& options) {
  if (options.id.empty()) {
    make_id();
  } else {
    set_id(options.id);
  }
  birth_.seed[0] = options.seed ? *options.seed : entropy();
  birth_.seed[1] = options.seed ? 0 : entropy();
  birth_.limits = options.limits == Limits() ? nullptr : std::make_unique<Limits>(options.limits);
  is_newborn_ = true;
}

std::unique_ptr<vm::Vm> VmRecord::poisoned_machine() {
  return engine().bare_vm(*this, image->dialect, poisoning_allocator(allocator));
}

bool VmRecord::begin_call(const vm::Value& function, std::span<const vm::Value> arguments) {
  heap::Heap& heap = machine->heap;
  // Large enough to begin in, so that nothing fails once it is the main thread.
  const auto needed = static_cast<std::uint32_t>(arguments.size() + 2 + vm::kStackSlack);
  heap::Thread* thread = heap.new_thread(std::max(needed, kMainStackSlots));
  if (thread == nullptr) return false;
  // Where Lua's own interface keeps the main thread.
  if (heap::table_set_integer(heap, *heap.registry, 1, vm::Value::from(thread)) !=
      heap::SetResult::Ok) {
    return false;
  }
  heap.main_thread = thread;
  if (!vm::start_main(*machine, function, arguments)) return false;
  // Until it runs it has no frames, as a coroutine that was just created.
  thread->status = ThreadStatus::Suspended;
  return true;
}

void VmRecord::run() {
  heap::Thread& thread = *machine->thread();
  if (thread.status == ThreadStatus::Suspended) thread.status = ThreadStatus::Running;
  vm::start_clock(*machine);
  vm::run(*machine);
  vm::stop_clock(*machine);
}

bool VmRecord::is_active() const {
  const heap::Thread& main = *machine->heap.main_thread;
  if (machine->heap.current_thread != &main) return true;
  if (main.status == ThreadStatus::Dead || main.status == ThreadStatus::Failed) return false;
  return !(main.entry == ThreadEntry::StartCall && main.top == main.stack);
}

bool VmRecord::is_killed() {
  if (stop_request.load() == vm::StopRequest::Kill) {
    stop_request.store(vm::StopRequest::None);
    machine->outcome = vm::Outcome::Killed;
  }
  return machine->outcome == vm::Outcome::Killed;
}

std::expected<Command, std::string> VmRecord::command_at(vm::Value* args, int count) {
  const std::string_view builtin = machine->builtins.rows[heap::frame_builtin(args)].name;
  Command command;
  command.id = {id(), sequence};
  command.kind = kind_of(builtin);
  int first = 0;
  if (heap::frame_builtin(args) >= engine().first_host_function()) {
    command.name = builtin;
  } else {
    if (count == 0 || !args[0].is_string()) return std::unexpected("a Command without a name");
    command.name = args[0].string()->view();
    first = 1;
  }
  std::uint64_t left = kHandedOverBytesMax;
  for (int n = first; n < count; ++n) {
    auto value = to_host(*machine, args[n], "argument " + std::to_string(n + 1), left);
    if (!value && command.kind == CommandKind::Log) {
      value = Value(vm::basic_text(*machine, args[n]));
    }
    if (!value) {
      return std::unexpected("'" + std::string(short_name(builtin)) + "': " + value.error());
    }
    command.arguments.push_back(std::move(*value));
  }
  return command;
}

int VmRecord::suspend(vm::Value* args, int count) {
  auto command = command_at(args, count);
  if (!command) return vm::throw_error(*machine, command.error());
  pending = std::make_unique<Command>(std::move(*command));
  heap::Thread& thread = *machine->thread();
  // Until the answer comes, the call stands in the frame as if it had not begun.
  thread.base = args;
  thread.top = args + count;
  thread.entry = ThreadEntry::StartBuiltin;
  machine->outcome = vm::Outcome::Suspended;
  return kStop;
}

std::expected<void, std::string> VmRecord::find_pending() {
  pending.reset();
  if (machine->outcome != vm::Outcome::Suspended) return {};
  const heap::Thread& thread = *machine->thread();
  if (!is_active() || thread.entry != ThreadEntry::StartBuiltin ||
      !heap::frame_is_builtin(thread.base)) {
    return {};
  }
  auto command = command_at(thread.base, static_cast<int>(thread.top - thread.base));
  if (!command) return std::unexpected(command.error());
  pending = std::make_unique<Command>(std::move(*command));
  return {};
}

std::expected<std::unique_ptr<VmRecord>, std::string> thaw_record(
    std::shared_ptr<const ImageRecord> image, std::string_view state, const ForkOptions& options) {
  auto record = std::make_unique<VmRecord>(std::move(image), options.host, options.allocator);
  auto machine = record->thawed_machine(state);
  if (!machine) return std::unexpected(machine.error());
  record->adopt(std::move(*machine));
  record->set_config(options.config);
  return record;
}

}  // namespace moonlet::api
