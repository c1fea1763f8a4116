#include "moonlet/vm.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "api/checksum.hpp"
#include "api/convert.hpp"
#include "api/engine.hpp"
#include "api/use.hpp"
#include "api/vm_record.hpp"
#include "base/cbor.hpp"
#include "heap/table.hpp"
#include "stdlib/io_files.hpp"
#include "stdlib/luau/environment.hpp"
#include "vm/call.hpp"
#include "vm/debug.hpp"
#include "vm/host_types.hpp"

namespace moonlet {

using api::ImageRecord;
using api::Use;
using api::VmRecord;
using heap::ThreadEntry;
using heap::ThreadStatus;

namespace {

constexpr std::string_view kStateMark = "moonlet-vm";
constexpr std::uint64_t kEnvelopeVersion = 3;

std::unexpected<std::string> out_of_memory() {
  return std::unexpected(std::string("not enough memory"));
}

// A checksum as it is written: a byte string, most significant byte first.
constexpr std::size_t kChecksumBytes = 9;

void write_checksum(std::string_view data, char* out) {
  const std::uint64_t sum = api::checksum(data);
  *out++ = 0x48;
  for (int shift = 56; shift >= 0; shift -= 8) *out++ = static_cast<char>(sum >> shift);
}

// What the host keeps of a Vm besides the machine's own state. [mark, version, image, id, sequence,
// machine, checksum of all bytes before it]
std::string wrap(VmRecord& record, std::span<const base::CborWriter> machine) {
  const std::size_t machine_size = base::size_of(machine);
  base::CborWriter out;
  out.array(7);
  out.text(kStateMark);
  out.unsigned_integer(kEnvelopeVersion);
  const base::Sha256& digest = record.image->digest();
  out.bytes({reinterpret_cast<const char*>(digest.data()), digest.size()});
  out.text(record.id());
  out.unsigned_integer(record.sequence);
  out.head(base::CborMajor::Bytes, machine_size);
  const std::size_t size = out.size() + machine_size + kChecksumBytes;
  std::string text;
  text.resize_and_overwrite(size, [&](char* begin, std::size_t) {
    char* at = base::write_to(out.write_to(begin), machine);
    write_checksum({begin, at}, at);
    return size;
  });
  return text;
}

struct Wrapped {
  base::Sha256 image{};
  std::string_view id;
  std::uint64_t sequence = 0;
  std::string_view machine;
};

std::expected<Wrapped, std::string> unwrap(std::string_view state) {
  base::CborReader in(state);
  const std::uint64_t fields = in.array();
  if (!in.ok() || fields < 6 || in.text() != kStateMark || !in.ok()) {
    return std::unexpected("this is not the state of a Moonlet program");
  }
  const std::uint64_t version = in.unsigned_integer();
  if (in.ok() && version != kEnvelopeVersion) {
    return std::unexpected("the state has format version " + std::to_string(version) +
                           (version > kEnvelopeVersion
                                ? ", which this Moonlet does not know; a newer one will"
                                : ", which this Moonlet does not read any more"));
  }
  Wrapped wrapped;
  const std::string_view digest = in.bytes();
  if (in.ok() && digest.size() != wrapped.image.size()) in.fail("not the hash of an image");
  if (in.ok()) std::copy(digest.begin(), digest.end(), wrapped.image.begin());
  wrapped.id = in.text();
  wrapped.sequence = in.unsigned_integer();
  wrapped.machine = in.bytes();
  const std::size_t end = in.offset();
  const std::string_view sum = in.bytes();
  if (in.ok() && fields != 7) in.fail("a wrong number of fields");
  if (in.ok() && in.left() == 0) {
    char expected[kChecksumBytes];
    write_checksum(state.substr(0, end), expected);
    if (sum != std::string_view(expected + 1, kChecksumBytes - 1)) {
      return std::unexpected("the state is damaged: its checksum is another");
    }
  }
  if (!in.ok() || in.left() != 0) {
    return std::unexpected("the state is damaged at byte " + std::to_string(in.offset()) + ": " +
                           (in.ok() ? "there is more than a state" : in.error()));
  }
  return wrapped;
}

Outcome failed(vm::Vm& machine) {
  Failed out;
  out.message = vm::basic_text(machine, machine.heap.error);
  if (machine.traceback != nullptr) out.traceback = *machine.traceback;
  std::uint64_t left = api::kHandedOverBytesMax;
  if (auto error = api::to_host(machine, machine.heap.error, "error", left)) out.error = *error;
  return out;
}

Outcome finished(vm::Vm& machine) {
  Finished out;
  const vm::Value* results = machine.heap.main_thread->base;
  std::uint64_t left = api::kHandedOverBytesMax;
  for (std::uint32_t n = 0; n < machine.results_count; ++n) {
    auto value = api::to_host(machine, results[n], "result " + std::to_string(n + 1), left);
    if (!value) return Failed{Value(value.error()), value.error(), {}};
    out.values.push_back(std::move(*value));
  }
  return out;
}

PreemptReason preempt_reason(const vm::Vm& machine) {
  if (machine.trip_every != 0 && machine.safepoint_count % machine.trip_every == 0) {
    return PreemptReason::Trip;
  }
  return machine.fuel_budget == 0 ? PreemptReason::Fuel : PreemptReason::Interrupt;
}

// The program stands where it stopped, or an error has ended it.
Outcome limit_hit(vm::Vm& machine, vm::LimitKind limit) {
  switch (limit) {
    case vm::LimitKind::Fuel:
    case vm::LimitKind::Time:
    case vm::LimitKind::Deadline: {
      const std::string message(vm::limit_text(limit));
      return LimitHit{api::public_kind(limit), {Value(message), message, {}}};
    }
    default:
      return LimitHit{api::public_kind(limit), std::get<Failed>(failed(machine))};
  }
}

Outcome outcome_of(VmRecord& record) {
  vm::Vm& machine = *record.machine;
  switch (machine.outcome) {
    case vm::Outcome::Finished:
      return finished(machine);
    case vm::Outcome::Suspended:
      return Suspended{*record.pending};
    case vm::Outcome::Preempted:
      return Preempted{preempt_reason(machine)};
    case vm::Outcome::Limit:
      return limit_hit(machine, machine.limit_hit);
    case vm::Outcome::Failed:
      return failed(machine);
    case vm::Outcome::Killed:
      return Killed{};
    case vm::Outcome::Exit:
      return Exited{machine.exit_code, machine.exit_closes};
  }
  ML_UNREACHABLE();
}

// What the slice under way has used.
void count_fuel(vm::Vm& machine) {
  machine.fuel_used += static_cast<std::uint64_t>(machine.slice_size - machine.fuel);
  machine.slice_size = 0;
  machine.fuel = 0;
}

// REQUIRES: what was used is counted.
void give_fuel(vm::Vm& machine, const RunOptions& options) {
  machine.fuel_budget = options.fuel;
  machine.trip_every = options.trip_every;
  vm::refill_fuel(machine);
}

void raise_pending(VmRecord& record) {
  vm::Vm& machine = *record.machine;
  machine.heap.drop_growth();
  vm::drop_walk(machine);
  heap::Thread& thread = *machine.thread();
  // Errors are raised inside of an instruction: here, of the one that comes next.
  if (!heap::has_no_frames(thread) && !heap::frame_is_builtin(thread.base)) ++thread.pc;
  vm::throw_here(machine, *record.raise_next);
  thread.entry = ThreadEntry::Throw;
  record.raise_next.reset();
}

// What is at the end of the path, or nothing.
vm::Value find_member(vm::Vm& machine, std::string_view module,
                      const std::vector<std::string>& path) {
  vm::Value at = heap::get_field(machine.heap, *machine.heap.registry, api::kModules);
  if (at.is_table()) at = heap::get_field(machine.heap, *at.table(), module);
  for (const std::string& name : path) {
    if (!at.is_table()) return vm::Value::nil();
    at = heap::get_field(machine.heap, *at.table(), name);
  }
  return at;
}

// The same by the image's own strings.
vm::Value find_member(vm::Vm& machine, std::span<heap::String* const> keys) {
  vm::Value at = heap::table_get_string(*machine.heap.registry, keys[0]);
  for (heap::String* key : keys.subspan(1)) {
    if (!at.is_table()) return vm::Value::nil();
    at = heap::table_get_string(*at.table(), key);
  }
  return at;
}

std::string path_text(std::string_view module, const std::vector<std::string>& path) {
  std::string text(module);
  for (const std::string& name : path) text += "." + name;
  return text;
}

// A thread that was stopped in the middle is as one that yields there, so that it can be closed;
// those that it had resumed are given up.
void lay_to_rest(vm::Vm& machine) {
  vm::give_up_coroutines(machine);
  heap::Thread* main = machine.heap.main_thread;
  main->status = ThreadStatus::Suspended;
  if (main->entry != ThreadEntry::StartCall) {
    if (!heap::frame_is_builtin(main->base)) return;
    main->entry = ThreadEntry::Deliver;
    main->results_from = main->number(main->top);
  }
}

// What the stand-alone interpreter needs besides plain data.
bool introduce(vm::Vm& machine, heap::Table& options) {
  const auto call = static_cast<std::uint32_t>(machine.builtins.find("host:call"));
  vm::Table* globals = stdlib::new_script_globals(machine);
  const bool is_luau = machine.dialect == vm::Dialect::Luau;
  return globals != nullptr &&
         (!is_luau || heap::set_field(machine.heap, *machine.heap.registry, stdlib::kScriptGlobals,
                                      vm::Value::from(globals))) &&
         heap::set_field(machine.heap, options, "globals", vm::Value::from(globals)) &&
         heap::set_field(machine.heap, options, "host_call", vm::Value::from_builtin(call));
}

std::expected<vm::Value, std::string> guest_value(VmRecord& record, const Value& value) {
  const std::string problem = api::problem_with(record.engine().types(), value);
  if (!problem.empty()) return std::unexpected("the value " + problem);
  vm::Vm& machine = *record.machine;
  vm::Value out;
  if (!api::to_guest_collecting(machine, value, out)) return out_of_memory();
  return out;
}

}  // namespace

Vm::Vm(std::unique_ptr<VmRecord> record) : record_(std::move(record)) {}
Vm::Vm(Vm&& other) noexcept = default;
Vm& Vm::operator=(Vm&& other) noexcept = default;
Vm::~Vm() = default;

std::expected<Vm, std::string> Vm::thaw(const Image& image, std::string_view state,
                                        const ForkOptions& options) {
  auto wrapped = unwrap(state);
  if (!wrapped) return std::unexpected(wrapped.error());
  if (wrapped->image != image.record_->digest()) {
    return std::unexpected("the state belongs to image " + base::hex(wrapped->image) +
                           ", this is " + image.hash() +
                           "; its scripts, libraries or Moonlet's version are others");
  }
  auto record = api::thaw_record(image.record_, wrapped->machine, options);
  if (!record) return std::unexpected(record.error());
  (*record)->set_id(wrapped->id);
  (*record)->sequence = wrapped->sequence;
  if (auto done = (*record)->find_pending(); !done) return std::unexpected(done.error());
  api::lower_limits(*(*record)->machine, options.limits);
  return Vm(std::move(*record));
}

std::expected<Vm, std::string> Vm::thaw(const ImageStore& store, std::string_view state,
                                        const ForkOptions& options) {
  auto hash = image_hash(state);
  if (!hash) return std::unexpected(hash.error());
  auto image = store.find(*hash);
  if (!image) return std::unexpected("the state needs an image: " + image.error());
  return thaw(*image, state, options);
}

std::expected<std::string, std::string> Vm::image_hash(std::string_view state) {
  auto wrapped = unwrap(state);
  if (!wrapped) return std::unexpected(wrapped.error());
  return base::hex(wrapped->image);
}

struct EntryPoint::Content {
  Image image;
  std::string module;
  std::vector<std::string> path;
  // Strings of the image: the modules' table, the module, the path. Empty: it does not have them
  // all, so that the function, if there is one, is looked for by text.
  std::vector<heap::String*> keys;
};

EntryPoint::EntryPoint(const Image& image, std::string module, std::vector<std::string> path) {
  auto content = std::make_shared<Content>(Content{image, std::move(module), std::move(path), {}});
  VmRecord fork(image.record_, nullptr);
  if (vm::Vm* machine = fork.wake()) {
    const auto add = [&](std::string_view name) {
      heap::String* key = machine->heap.new_string(name);
      if (key == nullptr || !key->is_permanent()) return false;
      content->keys.push_back(key);
      return true;
    };
    // What the image lacks is made in the fork, and is not permanent.
    bool has_all = add(api::kModules) && add(content->module);
    for (const std::string& name : content->path) has_all = has_all && add(name);
    if (!has_all) content->keys.clear();
  }
  content_ = std::move(content);
}
const Image& EntryPoint::image() const { return content_->image; }
const std::string& EntryPoint::module() const { return content_->module; }
const std::vector<std::string>& EntryPoint::path() const { return content_->path; }

struct Vm::Place {
  std::string_view module;
  const std::vector<std::string>& path;
  std::span<heap::String* const> keys;  // empty: by text
};

std::expected<void, std::string> Vm::start(std::string_view module,
                                           const std::vector<std::string>& path,
                                           const std::vector<Value>& arguments) {
  return start_at({module, path, {}}, arguments);
}

std::expected<void, std::string> Vm::start(const EntryPoint& entry,
                                           const std::vector<Value>& arguments) {
  const EntryPoint::Content& content = *entry.content_;
  Place place{content.module, content.path, {}};
  if (content.image.record_ == record_->image) place.keys = content.keys;
  return start_at(place, arguments);
}

std::expected<void, std::string> Vm::start_at(const Place& place,
                                              const std::vector<Value>& arguments) {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  vm::Vm& machine = *record_->machine;
  if (record_->is_killed()) return std::unexpected("the Vm was killed");
  if (record_->is_active()) return std::unexpected("a call is under way in this Vm");
  const bool is_standalone = record_->image->kind == ImageRecord::Kind::Standalone;
  if (is_standalone && (arguments.size() != 1 || arguments[0].object() == nullptr)) {
    return std::unexpected("the interpreter takes one record");
  }
  const auto find = [&] {
    if (is_standalone) return record_->engine().library().find("intrinsic.standalone");
    return place.keys.empty() ? find_member(machine, place.module, place.path)
                              : find_member(machine, place.keys);
  };
  vm::Value function = find();
  if (!function.is_function()) {
    return std::unexpected("there is no function " + path_text(place.module, place.path));
  }
  for (std::size_t n = 0; n < arguments.size(); ++n) {
    const std::string problem = api::problem_with(record_->engine().types(), arguments[n]);
    if (!problem.empty()) {
      return std::unexpected("argument " + std::to_string(n + 1) + " " + problem);
    }
  }
  // What is converted hangs on nothing until the call has begun: a collection starts it over.
  for (int attempt = 0; attempt < 2; ++attempt) {
    api::ToGuest to_guest(machine);
    std::vector<vm::Value> converted(arguments.size());
    bool done = true;
    for (std::size_t n = 0; done && n < arguments.size(); ++n) {
      done = to_guest.convert(arguments[n], converted[n]);
    }
    if (done && is_standalone) done = introduce(machine, *converted.at(0).table());
    if (done && record_->begin_call(function, converted)) {
      to_guest.keep();
      return {};
    }
    machine.heap.collect_full();
    function = find();  // a table of weak values may have had it
    if (!function.is_function()) break;
  }
  return out_of_memory();
}

Outcome Vm::run(const RunOptions& options) {
  Use use(*record_, Use::For::Running);
  if (record_->wake() == nullptr) {
    return Failed{Value("not enough memory"), "not enough memory to wake the Vm", {}};
  }
  vm::Vm& machine = *record_->machine;
  if (record_->is_killed()) return Killed{};
  if (record_->pending) return Suspended{*record_->pending};
  if (!record_->is_active()) {
    return Failed{Value("nothing to run"), "nothing to run: call Vm::start() first", {}};
  }
  count_fuel(machine);
  if (const vm::LimitKind limit = vm::passed_limit(machine); limit != vm::LimitKind::None) {
    machine.outcome = vm::Outcome::Limit;
    machine.limit_hit = limit;
    return outcome_of(*record_);
  }
  give_fuel(machine, options);
  if (record_->raise_next != nullptr) {
    machine.heap.unblock();
    raise_pending(*record_);
  }
  record_->run();
  return outcome_of(*record_);
}

const Command* Vm::pending() const {
  return record_->wake() == nullptr ? nullptr : record_->pending.get();
}

std::expected<void, std::string> Vm::resume(const CommandId& id, const std::vector<Value>& answer) {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  if (!record_->pending || record_->pending->id != id) {
    return std::unexpected("Command " + id.text() + " is not the one that waits for an answer");
  }
  const CommandKind kind = record_->pending->kind;
  const bool has_answer =
      kind == CommandKind::Call || kind == CommandKind::Invoke || kind == CommandKind::Await;
  const std::span<const Value> values = has_answer ? std::span(answer) : std::span<const Value>();
  for (const Value& value : values) {
    const std::string problem = api::problem_with(record_->engine().types(), value);
    if (!problem.empty()) return std::unexpected("the answer " + problem);
  }
  vm::Vm& machine = *record_->machine;
  heap::Thread& thread = *machine.thread();
  for (int attempt = 0;; ++attempt) {
    if (attempt == 2) return out_of_memory();
    if (attempt == 1) machine.heap.collect_full();
    api::ToGuest to_guest(machine);
    std::vector<vm::Value> converted(values.size());
    bool done = true;
    for (std::size_t n = 0; done && n < values.size(); ++n) {
      done = to_guest.convert(values[n], converted[n]);
    }
    vm::Value* from = thread.top;
    if (!done || vm::ensure_stack(machine, from, values.size() + 2) != vm::StackResult::Ok)
      continue;
    for (std::size_t n = 0; n < values.size(); ++n) from[n] = converted[n];
    thread.results_from = thread.number(from);
    thread.top = from + values.size();
    to_guest.keep();
    break;
  }
  thread.entry = ThreadEntry::Deliver;
  machine.outcome = vm::Outcome::Preempted;
  ++record_->sequence;
  record_->pending.reset();
  return {};
}

std::expected<void, std::string> Vm::resume_with_error(const CommandId& id, const Value& error) {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  if (!record_->pending || record_->pending->id != id) {
    return std::unexpected("Command " + id.text() + " is not the one that waits for an answer");
  }
  vm::Vm& machine = *record_->machine;
  if (error.string() != nullptr) {
    vm::throw_error(machine, *error.string());
  } else {
    auto value = guest_value(*record_, error);
    if (!value) return std::unexpected(value.error());
    vm::throw_value(machine, *value);
  }
  machine.thread()->entry = ThreadEntry::Throw;
  machine.outcome = vm::Outcome::Preempted;
  ++record_->sequence;
  record_->pending.reset();
  return {};
}

// A kill that was asked for stays.
void Vm::interrupt() {
  vm::StopRequest none = vm::StopRequest::None;
  record_->stop_request.compare_exchange_strong(none, vm::StopRequest::Interrupt);
}

void Vm::kill() { record_->stop_request.store(vm::StopRequest::Kill); }

std::expected<void, std::string> Vm::cancel() {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  vm::give_up_threads(*record_->machine);
  record_->pending.reset();
  record_->raise_next.reset();
  if (record_->machine->outcome != vm::Outcome::Killed) {
    record_->machine->outcome = vm::Outcome::Finished;
    record_->machine->results_count = 0;
  }
  return {};
}

Limits Vm::limits() const {
  return record_->wake() == nullptr ? Limits() : api::limits_of(*record_->machine);
}

std::expected<void, std::string> Vm::set_limits(const Limits& limits) {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  count_fuel(*record_->machine);
  api::apply_limits(*record_->machine, limits);
  return {};
}

void Vm::raise(std::string_view message) {
  // Without memory to wake it, run() will say so.
  if (record_->wake() == nullptr || record_->pending || !record_->is_active()) return;
  if (heap::has_no_frames(*record_->machine->thread())) return;
  record_->raise_next = std::make_unique<std::string>(message);
}

std::expected<void, std::string> Vm::begin_close() {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  vm::Vm& machine = *record_->machine;
  vm::Value thread = vm::Value::nil();
  if (record_->is_active()) {
    lay_to_rest(machine);
    thread = vm::Value::from(machine.heap.main_thread);
  }
  record_->pending.reset();
  record_->raise_next.reset();
  heap::Table& registry = *machine.heap.registry;
  const bool is_first = heap::get_field(machine.heap, registry, api::kIsClosing).is_nil();
  const vm::Value arguments[] = {thread, vm::Value::boolean(is_first)};
  const vm::Value function = record_->engine().library().find("intrinsic.close_vm");
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (heap::set_field(machine.heap, registry, api::kIsClosing, vm::Value::boolean(true)) &&
        record_->begin_call(function, arguments)) {
      return {};
    }
    machine.heap.collect_full();
  }
  return out_of_memory();
}

std::expected<std::string, std::string> Vm::freeze() {
  Use use(*record_);
  if (!record_->rest_state().empty()) {
    base::CborWriter state;
    state.borrow(record_->rest_state());
    return wrap(*record_, {&state, 1});
  }
  auto state = record_->frozen();
  if (!state) return std::unexpected(state.error());
  return wrap(*record_, state->parts);
}

std::expected<void, std::string> Vm::rest() {
  Use use(*record_);
  if (record_->machine == nullptr) return {};
  if (vm::has_host_objects(*record_->machine)) {
    return std::unexpected("a Vm with host objects cannot rest: restoring them might fail");
  }
  auto state = record_->frozen();
  if (!state) return std::unexpected(state.error());
  if (!record_->rest(state->parts)) return out_of_memory();
  return {};
}

bool Vm::is_resting() const { return record_->machine == nullptr; }

std::expected<Image, std::string> Vm::seal() {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  auto state = image::freeze(*record_->machine, record_->engine().base_objects(), nullptr);
  if (!state) return std::unexpected(state.error().message);
  auto image = api::make_image(record_->image->engine, record_->image->kind,
                               record_->image->dialect, state->bytes());
  if (!image) return std::unexpected(image.error());
  return Image(std::move(*image));
}

std::expected<Vm, std::string> Vm::fork(const ForkOptions& options) {
  Use use(*record_);
  auto record = std::make_unique<VmRecord>(record_->image, options.host, options.allocator);
  record->make_individual(options);
  record->set_config(options.config);
  if (!record_->rest_state().empty()) {
    if (!record->rest(record_->rest_state())) return out_of_memory();
    return Vm(std::move(record));
  }
  auto state = record_->frozen();
  if (!state) return std::unexpected(state.error());
  if (!vm::has_host_objects(*record_->machine)) {
    if (!record->rest(state->parts)) return out_of_memory();
    return Vm(std::move(record));
  }
  auto machine = record->thawed_machine(state->bytes());
  if (!machine) return std::unexpected(machine.error());
  record->adopt(std::move(*machine));
  if (auto done = record->find_pending(); !done) return std::unexpected(done.error());
  return Vm(std::move(record));
}

std::expected<std::string, std::string> Vm::trip(TripCheck check) {
  Use use(*record_);
  if (record_->wake() == nullptr) return out_of_memory();
  const image::BaseObjects& base = record_->engine().base_objects();
  const image::FreezeOptions carry{.carry_handles = true};
  vm::Vm& old = *record_->machine;
  const image::Template* start = record_->image->start.get();
  auto frozen = image::freeze(old, base, start, carry);
  if (!frozen) return std::unexpected(frozen.error().message);
  std::string state = frozen->bytes();
  auto machine = record_->poisoned_machine();
  if (machine == nullptr) return out_of_memory();
  if (auto done = image::thaw(*machine, base, start, state); !done)
    return std::unexpected(done.error());
  if (check == TripCheck::SameBytes) {
    auto again = image::freeze(*machine, base, start, carry);
    if (!again || again->bytes() != state)
      return std::unexpected("the thawed program has another state");
  }
  machine->trip_every = old.trip_every;
  machine->files = std::move(old.files);
  machine->heap.stress_collect = old.heap.stress_collect;
  machine->heap.poison_freed = old.heap.poison_freed;
  if (machine->heap.stress_collect) machine->heap.debt = 1;
  machine->heap.fail_countdown = old.heap.fail_countdown;
  machine->heap.fail_length = old.heap.fail_length;
  record_->adopt(std::move(machine));
  if (auto done = record_->find_pending(); !done) return std::unexpected(done.error());
  return state;
}

void Vm::set_stress(const Stress& stress) {
  if (record_->wake() == nullptr) return;
  heap::Heap& heap = record_->machine->heap;
  if (stress.collects_always) {
    heap.stress_collect = true;
    heap.debt = 1;
    heap.poison_freed = true;
  }
  if (stress.failing_allocation > 0) {
    heap.fail_countdown = stress.failing_allocation - 1;
    heap.fail_length = stress.failing_count;
  }
}

std::string Vm::find_damage() const {
  if (record_->wake() == nullptr) return "not enough memory";
  record_->machine->heap.unblock();
  std::string problem;
  heap::check_heap(record_->machine->heap, problem);
  return problem;
}

void Vm::collect() {
  Use use(*record_);
  if (record_->machine != nullptr) record_->machine->heap.collect_full();
}

std::string Vm::take_unread_input() {
  if (record_->wake() == nullptr) return {};
  stdlib::Stream& input = stdlib::ensure_files(*record_->machine).input;
  std::string text(input.peek());
  input.take(text.size());
  return text;
}

void Vm::give_unread_input(std::string_view text) {
  if (text.empty() || record_->wake() == nullptr) return;
  stdlib::ensure_files(*record_->machine).input.unread(text);
}

const std::string& Vm::id() const { return record_->id(); }

Usage Vm::usage() const {
  if (record_->wake() == nullptr) return {};
  const vm::Vm& machine = *record_->machine;
  return {machine.heap.logical_bytes,
          machine.fuel_used + static_cast<std::uint64_t>(machine.slice_size - machine.fuel),
          machine.run_time_ns,
          machine.heap.thread_count - 1,
          machine.safepoint_count,
          machine.heap.allocation_count,
          machine.memory_errors};
}

std::expected<void, std::string> Vm::set_memory_category(std::string_view name) {
  Use use(*record_);
  if (name.size() > heap::kCategoryNameMax) {
    return std::unexpected("the name of a category has more than " +
                           std::to_string(heap::kCategoryNameMax) + " bytes");
  }
  if (record_->wake() == nullptr) return out_of_memory();
  if (!record_->machine->heap.set_category(name)) {
    return std::unexpected("a Vm cannot have more than " +
                           std::to_string(heap::kCategoryCount - 1) + " categories");
  }
  return {};
}

std::vector<MemoryCategory> Vm::memory_by_category() const {
  if (record_->wake() == nullptr) return {};
  const heap::Heap& heap = record_->machine->heap;
  std::vector<MemoryCategory> list = {{"", heap.logical_bytes}};
  if (heap.categories == nullptr) return list;
  for (const std::string& name : heap.categories->names) {
    const std::uint64_t bytes = heap.categories->bytes[list.size()];
    list[0].bytes -= bytes;
    list.push_back({name, bytes});
  }
  return list;
}

void Vm::set_context(void* context, const void* type) {
  record_->context = context;
  record_->context_type = type;
}

void* Vm::context(const void* type) const {
  return record_->context_type == type ? record_->context : nullptr;
}

std::vector<std::string> Vm::functions(std::string_view module,
                                       const std::vector<std::string>& path) const {
  Use use(*record_);
  std::vector<std::string> names;
  if (record_->wake() == nullptr) return names;
  const vm::Value found = find_member(*record_->machine, module, path);
  if (!found.is_table()) return names;
  vm::Value key;
  vm::Value value;
  const heap::Table& table = *found.table();
  for (std::uint64_t at = heap::table_next_position(table, 0, key, value); at != 0;
       at = heap::table_next_position(table, at, key, value)) {
    if (key.is_string() && value.is_function()) names.emplace_back(key.string()->view());
  }
  return names;
}

std::vector<std::string> Vm::completions(std::string_view text) const {
  if (record_->wake() == nullptr) return {};
  vm::Vm& machine = *record_->machine;
  machine.heap.unblock();
  vm::Value at = vm::Value::from(machine.heap.globals);
  std::string before;
  for (;;) {
    const std::size_t mark = text.find_first_of(".:");
    if (mark == std::string_view::npos) break;
    at = at.is_table() ? heap::get_field(machine.heap, *at.table(), text.substr(0, mark))
                       : vm::Value::nil();
    before += text.substr(0, mark + 1);
    text.remove_prefix(mark + 1);
  }
  // Methods of strings and the like are fields of what __index names.
  if (!at.is_table() && !at.is_nil()) at = vm::metamethod(machine, at, heap::Event::Index);
  std::vector<std::string> found;
  if (!at.is_table()) return found;
  vm::Value key;
  vm::Value value;
  const heap::Table& table = *at.table();
  for (std::uint64_t n = heap::table_next_position(table, 0, key, value); n != 0;
       n = heap::table_next_position(table, n, key, value)) {
    if (key.is_string() && key.string()->view().starts_with(text)) {
      found.push_back(before + std::string(key.string()->view()));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace moonlet
