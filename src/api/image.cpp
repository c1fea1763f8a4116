#include "moonlet/image.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "api/allocator.hpp"
#include "api/engine.hpp"
#include "api/vm_record.hpp"
#include "base/cbor.hpp"
#include "base/sha256.hpp"
#include "heap/table.hpp"
#include "moonlet/vm.hpp"
#include "vm/call.hpp"
#include "vm/loader.hpp"

namespace moonlet {

using api::ImageRecord;
using api::VmRecord;

namespace {

std::unexpected<std::string> out_of_memory() {
  return std::unexpected(std::string("not enough memory for the image"));
}

// A host for main chunks: they have no clock and no randomness, so that an image is the same
// always.
class BuildHost final : public Host {
 public:
  explicit BuildHost(Host* output) : output_(output) {}
  void write(std::string_view text) override {
    if (output_ != nullptr) output_->write(text);
  }
  void flush() override {}
  void warn(std::string_view text, bool more) override {
    if (output_ != nullptr) output_->warn(text, more);
  }
  std::int64_t time_seconds() override { return 0; }
  double clock_seconds() override { return 0; }
  bool uses_utc() override { return true; }
  std::uint64_t entropy() override { return 0; }
  bool read_file(std::string_view path, std::string& contents, std::string& message) override {
    return process_host().read_file(path, contents, message);
  }

 private:
  Host* output_;
};

constexpr std::string_view kImageMark = "moonlet-image";
constexpr std::uint64_t kImageVersion = 3;

// [mark, version, kind, dialect, state]
std::string wrap(ImageRecord::Kind kind, vm::Dialect dialect, std::string_view state) {
  base::CborWriter out;
  out.array(5);
  out.text(kImageMark);
  out.unsigned_integer(kImageVersion);
  out.unsigned_integer(static_cast<std::uint64_t>(kind));
  out.unsigned_integer(static_cast<std::uint64_t>(dialect));
  out.bytes(state);
  return base::text_of(out);
}

struct Unwrapped {
  ImageRecord::Kind kind;
  vm::Dialect dialect;
  std::string_view state;
};

std::expected<Unwrapped, std::string> unwrap(std::string_view bytes) {
  base::CborReader in(bytes);
  const std::uint64_t parts = in.array();
  if ((parts != 4 && parts != 5) || !in.ok() || in.text() != kImageMark || !in.ok()) {
    return std::unexpected(std::string("this is not a Moonlet image"));
  }
  const std::uint64_t version = in.unsigned_integer();
  if (in.ok() && version != kImageVersion) {
    return std::unexpected("the image has format version " + std::to_string(version) +
                           ", which this Moonlet does not know; a newer one will");
  }
  const auto kind = static_cast<ImageRecord::Kind>(in.unsigned_integer(
      static_cast<std::uint64_t>(ImageRecord::Kind::Standalone), "unknown kind of image"));
  const auto dialect = static_cast<vm::Dialect>(in.unsigned_integer(
      static_cast<std::uint64_t>(vm::Dialect::Luau), "unknown language of an image"));
  const std::string_view state = in.bytes();
  if (parts != 5 || !in.ok() || in.left() != 0) {
    return std::unexpected("the image is damaged at byte " + std::to_string(in.offset()) + ": " +
                           (in.ok() ? "there is more or less than an image" : in.error()));
  }
  return Unwrapped{kind, dialect, state};
}

// A Vm that has run nothing is idle, as if a main chunk had ended.
void rest(heap::Heap& heap) {
  heap::Thread& main = *heap.main_thread;
  main.status = heap::ThreadStatus::Dead;
  main.base = main.stack;
  main.top = main.stack;
}

// Makes the Vm whose state an image keeps.
class Builder {
  static constexpr std::string_view kAgentFunctions[] = {
      "invoke", "emit", "log", "config", "export", "all", "settle", "race", "sleep"};
  // For a message. That it is complete is tested.
  static constexpr std::string_view kSafe =
      "base, base64, coroutine, debug, hash, json, math, os, string, table, utc, utf8, uuid";

 public:
  Builder(std::shared_ptr<ImageRecord> image, const ImageOptions& options)
      : image_(std::move(image)), options_(options), host_(options.host), record_(image_, &host_) {}

  std::expected<std::string, std::string> build() {
    if (auto done = check_names(); !done) return std::unexpected(done.error());
    stdlib::LibrarySelection selection;
    selection.set =
        options_.libraries.set == LibrarySet::All ? vm::LibrarySet::All : vm::LibrarySet::Safe;
    selection.names = options_.libraries.names;
    selection.dialect = image_->dialect;
    for (const std::string& name : selection.names) {
      if (!stdlib::has_library(image_->engine->builtins(), selection, name)) {
        return std::unexpected("there is no library \"" + name + "\" " +
                               (selection.set == vm::LibrarySet::All
                                    ? "at all"
                                    : "for agents; they may have " + std::string(kSafe)));
      }
    }
    auto machine =
        image_->engine->new_vm(record_, selection, api::heap_allocator(options_.allocator));
    if (!machine) return std::unexpected(machine.error());
    record_.adopt(std::move(*machine));
    if (!add_agent_table() || !add_modules()) return out_of_memory();
    api::apply_limits(*record_.machine, options_.limits);
    if (options_.find_module) record_.find_module = &options_.find_module;
    for (const Source& source : options_.sources) {
      // One that an earlier one required has run.
      if (!heap::get_field(heap(), *modules_, source.name).is_nil()) continue;
      if (auto done = run(source); !done) return std::unexpected(done.error());
    }
    api::apply_limits(*record_.machine, Limits());
    record_.machine->run_time_ns = 0;
    record_.machine->limit_hit = vm::LimitKind::None;
    if (options_.sources.empty()) rest(heap());
    auto state = image::freeze(*record_.machine, image_->engine->base_objects(), nullptr);
    if (!state) return std::unexpected(state.error().message);
    return state->bytes();
  }

 private:
  heap::Heap& heap() { return record_.machine->heap; }

  std::expected<void, std::string> check_names() const {
    std::set<std::string_view> names;
    for (const Source& source : options_.sources) {
      if (names.insert(source.name).second) continue;
      return std::unexpected("two sources have the name \"" + source.name + "\"");
    }
    const std::string& group = options_.agent_namespace;
    if (group.empty()) return {};
    const vm::BuiltinTable& table = image_->engine->builtins();
    const auto own_rows = std::span(table.rows).first(image_->engine->first_host_function());
    const bool is_library =
        std::any_of(own_rows.begin(), own_rows.end(),
                    [&](const vm::BuiltinRow& row) { return row.name.starts_with(group + "."); });
    if (is_library || table.find(group) >= 0 || group == "_G") {
      return std::unexpected("the name \"" + group +
                             "\" of the functions for agents is taken already");
    }
    for (const std::string_view name : kAgentFunctions) {
      const std::string full = group + "." + std::string(name);
      if (table.find(full) < 0) continue;
      return std::unexpected("the host function \"" + full +
                             "\" has the name of a function for agents");
    }
    return {};
  }

  // sys.invoke and the like, and functions of the host whose group is not among the libraries.
  bool add_agent_table() {
    const vm::BuiltinTable& table = record_.machine->builtins;
    for (const std::string_view name : kAgentFunctions) {
      if (options_.agent_namespace.empty()) break;
      if (!set_function(options_.agent_namespace, name, agent_function(name))) return false;
    }
    const bool is_luau = image_->dialect == vm::Dialect::Luau;
    if (options_.find_module &&
        !heap::set_field(heap(), *heap().globals, "require",
                         agent_function(is_luau ? "luau_require" : "require"))) {
      return false;
    }
    for (std::size_t n = image_->engine->first_host_function(); n < table.rows.size(); ++n) {
      const std::string_view name = table.rows[n].name;
      const std::size_t dot = name.find('.');
      if (dot == std::string_view::npos) continue;
      const auto function = vm::Value::from_builtin(static_cast<std::uint32_t>(n));
      if (!set_function(name.substr(0, dot), name.substr(dot + 1), function)) return false;
    }
    if (options_.libraries.set == LibrarySet::Safe) {
      for (heap::Table* group : groups_) group->flags |= heap::kTableReadOnly;
    }
    return true;
  }

  // Native, or of the prelude.
  vm::Value agent_function(std::string_view name) {
    const std::string full = "host:" + std::string(name);
    const int index = record_.machine->builtins.find(full);
    if (index >= 0) return vm::Value::from_builtin(static_cast<std::uint32_t>(index));
    return image_->engine->library().find(full);
  }

  bool set_function(std::string_view group, std::string_view name, const vm::Value& function) {
    const vm::Value found = heap::get_field(heap(), *heap().globals, group);
    heap::Table* table = found.is_table() ? found.table() : heap().new_table();
    if (table == nullptr) return false;
    groups_.push_back(table);
    return heap::set_field(heap(), *heap().globals, group, vm::Value::from(table)) &&
           heap::set_field(heap(), *table, name, function);
  }

  bool add_modules() {
    modules_ = heap().new_table();
    return modules_ != nullptr &&
           heap::set_field(heap(), *heap().registry, api::kModules, vm::Value::from(modules_));
  }

  std::expected<void, std::string> run(const Source& source) {
    vm::Vm& machine = *record_.machine;
    const std::string& file = source.file_name.empty() ? source.name : source.file_name;
    auto chunk = api::compile_source(image_->dialect, source);
    if (!chunk) return std::unexpected(chunk.error());
    vm::Proto* proto = vm::load_chunk(machine, *std::move(chunk), vm::ProtoOrigin::Script);
    if (proto == nullptr) return out_of_memory();
    vm::Table* globals = stdlib::new_script_globals(machine);
    if (globals == nullptr) return out_of_memory();
    vm::Closure* main = vm::new_main_closure(machine, proto, vm::Value::from(globals));
    if (main == nullptr || !record_.begin_call(vm::Value::from(main), {})) return out_of_memory();
    do {
      record_.run();
    } while (machine.outcome == vm::Outcome::Preempted);
    return finish(source, file);
  }

  std::expected<void, std::string> finish(const Source& source, const std::string& file) {
    vm::Vm& machine = *record_.machine;
    switch (machine.outcome) {
      case vm::Outcome::Finished:
        break;
      case vm::Outcome::Suspended:
        return std::unexpected(file + ": the main chunk may not call the host (" +
                               record_.pending->name + "); do that in a function");
      case vm::Outcome::Limit:
        if (machine.limit_hit == vm::LimitKind::Fuel || machine.limit_hit == vm::LimitKind::Time ||
            machine.limit_hit == vm::LimitKind::Deadline) {
          return std::unexpected(file + ": the main chunk has hit its " +
                                 std::string(vm::limit_text(machine.limit_hit)));
        }
        [[fallthrough]];
      case vm::Outcome::Failed: {
        std::string message = vm::basic_text(machine, machine.heap.error);
        return std::unexpected(message + "\n" + *machine.traceback);
      }
      default:
        return std::unexpected(file + ": the main chunk did not end");
    }
    const vm::Value result =
        machine.results_count > 0 ? machine.heap.main_thread->base[0] : vm::Value::nil();
    if (!heap::set_field(heap(), *modules_, source.name, result)) return out_of_memory();
    return {};
  }

  std::shared_ptr<ImageRecord> image_;
  const ImageOptions& options_;
  BuildHost host_;
  VmRecord record_;
  heap::Table* modules_ = nullptr;
  std::vector<heap::Table*> groups_;  // of the host's functions
};

}  // namespace

namespace api {

std::expected<std::shared_ptr<const ImageRecord>, std::string> make_image(
    std::shared_ptr<const Engine> engine, ImageRecord::Kind kind, vm::Dialect dialect,
    std::string_view state) {
  auto record = std::make_shared<ImageRecord>();
  record->engine = std::move(engine);
  record->kind = kind;
  record->dialect = dialect;
  record->bytes = wrap(kind, dialect, state);
  // Never runs, so its host is not asked.
  BuildHost host(nullptr);
  VmRecord owner(record, &host);
  auto machine = record->engine->bare_vm(owner, dialect);
  if (machine == nullptr) return out_of_memory();
  auto start = image::make_template(std::move(machine), record->engine->base_objects(), state);
  if (!start) return std::unexpected(start.error());
  record->start = std::move(*start);
  if (record->start->has_host_objects()) return record;
  // Forks are made only when they are used; then it would be late to find the Command unfit.
  VmRecord probe(record, &host);
  auto fork = probe.fork_of_image();
  if (fork == nullptr) return out_of_memory();
  probe.adopt(std::move(fork));
  if (auto done = probe.find_pending(); !done) return std::unexpected(done.error());
  return record;
}

}  // namespace api

std::expected<Image, std::string> Image::compile(const Engine& engine,
                                                 const ImageOptions& options) {
  auto building = std::make_shared<ImageRecord>();
  building->engine = engine.engine_;
  building->dialect = api::vm_dialect(options.dialect);
  // Its objects stay until the image has its own.
  Builder builder(building, options);
  auto state = builder.build();
  if (!state) return std::unexpected(state.error());
  auto record =
      api::make_image(engine.engine_, ImageRecord::Kind::Compiled, building->dialect, *state);
  if (!record) return std::unexpected(record.error());
  return Image(std::move(*record));
}

std::expected<Image, std::string> Image::standalone(const Engine& engine,
                                                    const StandaloneOptions& options) {
  auto building = std::make_shared<ImageRecord>();
  building->engine = engine.engine_;
  building->dialect = api::vm_dialect(options.dialect);
  BuildHost host(nullptr);
  VmRecord owner(building, &host);
  auto machine = engine.engine_->new_vm(
      owner, {vm::LibrarySet::All, building->dialect, options.is_sandboxed, {}});
  if (!machine) return std::unexpected(machine.error());
  heap::Heap& heap = (*machine)->heap;
  // The interpreter uses all of the library, so that its states may, whatever the globals are.
  if (options.dialect == Dialect::Luau &&
      !heap::set_field(heap, *heap.registry, "_INTERPRETER",
                       engine.engine_->library().find("intrinsic.standalone"))) {
    return out_of_memory();
  }
  rest(heap);
  auto state = image::freeze(**machine, engine.engine_->base_objects(), nullptr);
  if (!state) return std::unexpected(state.error().message);
  auto record = api::make_image(engine.engine_, ImageRecord::Kind::Standalone, building->dialect,
                                state->bytes());
  if (!record) return std::unexpected(record.error());
  return Image(std::move(*record));
}

std::expected<Image, std::string> Image::load(const Engine& engine, std::string_view bytes) {
  auto parts = unwrap(bytes);
  if (!parts) return std::unexpected(parts.error());
  auto record = api::make_image(engine.engine_, parts->kind, parts->dialect, parts->state);
  if (!record) return std::unexpected(record.error());
  return Image(std::move(*record));
}

const std::string& Image::bytes() const { return record_->bytes; }

Dialect Image::dialect() const { return static_cast<Dialect>(record_->dialect); }

Dialect dialect_of_file(std::string_view file_name) {
  return file_name.ends_with(".luau") ? Dialect::Luau : Dialect::Lua54;
}

const std::string& Image::hash() const { return record_->hash(); }

std::expected<Vm, std::string> Image::fork(const ForkOptions& options) const {
  auto record = std::make_unique<VmRecord>(record_, options.host, options.allocator);
  record->make_individual(options);
  record->set_config(options.config);
  // At rest until it is used, unless that could fail for another reason than lack of memory.
  if (!record_->start->has_host_objects()) return Vm(std::move(record));
  auto machine = record->fork_of_image();
  if (machine == nullptr) return std::unexpected(std::string("not enough memory for a Vm"));
  if (auto done = record_->start->own_host_objects(*machine, {}); !done) {
    return std::unexpected(done.error());
  }
  record->adopt(std::move(machine));
  if (auto done = record->find_pending(); !done) return std::unexpected(done.error());
  return Vm(std::move(record));
}

}  // namespace moonlet
