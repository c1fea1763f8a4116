// What stands behind the public handles Image and Vm.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "api/engine.hpp"
#include "api/limits.hpp"
#include "base/sha256.hpp"
#include "image/template.hpp"
#include "moonlet/vm.hpp"
#include "vm/vm.hpp"

namespace moonlet::api {

// Immutable once an Image hands it out.
struct ImageRecord {
  enum class Kind : std::uint8_t { Compiled, Standalone };
  std::shared_ptr<const Engine> engine;
  Kind kind = Kind::Compiled;
  vm::Dialect dialect = vm::Dialect::Lua54;
  std::string bytes;  // the image itself: the state, standing alone, of what forks begin as
  std::shared_ptr<const image::Template> start;

  // The hash of the bytes, also in hexadecimal digits. It is made for who asks first, in any
  // thread: a script that only runs needs none.
  const base::Sha256& digest() const { return named().digest; }
  const std::string& hash() const { return named().hash; }

 private:
  struct Name {
    base::Sha256 digest{};
    std::string hash;
  };

  const Name& named() const {
    std::call_once(is_named_, [this] {
      name_.digest = base::sha256(bytes);
      name_.hash = base::hex(name_.digest);
    });
    return name_;
  }

  mutable std::once_flag is_named_;
  mutable Name name_;
};

// The error says why the state is none, or that memory is lacking.
[[nodiscard]] std::expected<std::shared_ptr<const ImageRecord>, std::string> make_image(
    std::shared_ptr<const Engine> engine, ImageRecord::Kind kind, vm::Dialect dialect,
    std::string_view state);

struct VmRecord final : vm::Host {
  VmRecord(std::shared_ptr<const ImageRecord> the_image, moonlet::Host* the_host,
           Allocator* the_allocator = nullptr)
      : host(the_host != nullptr ? the_host : &process_host()),
        allocator(the_allocator),
        image(std::move(the_image)) {}
  ~VmRecord() { give_up_rest_state(); }
  static void* operator new(std::size_t bytes) {
    void* record = heap::allocate_cached(bytes);
    if (record == nullptr) throw std::bad_alloc();
    return record;
  }
  static void operator delete(void* record, std::size_t bytes) {
    heap::release_cached(record, bytes);
  }

  static VmRecord& of(vm::Vm& vm) { return *static_cast<VmRecord*>(vm.host_context); }
  const Engine& engine() const { return *image->engine; }

  // ---- vm::Host.
  void write(std::string_view text) override { host->write(text); }
  void write_error(std::string_view text) override { host->write_error(text); }
  void flush() override { host->flush(); }
  void warn(std::string_view text, bool more) override { host->warn(text, more); }
  std::int64_t time_seconds() override { return host->time_seconds(); }
  double clock_seconds() override { return host->clock_seconds(); }
  std::int64_t steady_ns() override { return host->steady_ns(); }
  std::int64_t time_ns() override { return host->time_ns(); }
  bool uses_utc() override { return host->uses_utc(); }
  std::uint64_t entropy() override { return host->entropy(); }
  bool read_file(std::string_view path, std::string& contents, std::string& message) override {
    return host->read_file(path, contents, message);
  }

  // Machines to adopt: where the image begins (null: no memory), and what a state says.
  [[nodiscard]] std::unique_ptr<vm::Vm> fork_of_image();
  [[nodiscard]] std::expected<std::unique_ptr<vm::Vm>, std::string> thawed_machine(
      std::string_view state);
  // The machine; one at rest is woken. Null: no memory.
  [[nodiscard]] vm::Vm* wake();
  // The machine's state as a difference to its image. Wakes it.
  [[nodiscard]] std::expected<image::FrozenMachine, std::string> frozen();
  // Makes it stand where this state of it does, in which so many Commands had been answered. The
  // error is lack of memory; it is then as it was.
  [[nodiscard]] std::expected<void, std::string> go_back(std::string_view state,
                                                         std::uint64_t answered);
  // Lets go of the machine, which is this state. False: no memory to keep it; nothing has changed.
  [[nodiscard]] bool rest(std::span<const base::CborWriter> state);
  [[nodiscard]] bool rest(std::string_view state);
  // The state of a Vm at rest; nothing: awake, or at rest where its image begins.
  std::string_view rest_state() const { return {rest_state_, rest_bytes_}; }
  // Takes a machine over, or gives it up with an error.
  void adopt(std::unique_ptr<vm::Vm> new_machine);
  // A machine to thaw into, with memory that is made unusable when it is given back.
  std::unique_ptr<vm::Vm> poisoned_machine();
  // Puts the call on a fresh main thread. False: out of memory.
  [[nodiscard]] bool begin_call(const vm::Value& function, std::span<const vm::Value> arguments);
  // Runs the call, or goes on with it.
  void run();
  // Is a call under way?
  bool is_active() const;
  // Was it killed, or is it to be? REQUIRES: awake.
  bool is_killed();

  // The Command of the suspending builtin in whose frame the machine waits, with the arguments as
  // they lie there.
  std::expected<Command, std::string> command_at(vm::Value* args, int count);
  // Suspends the machine in the builtin with these arguments. Its answer.
  int suspend(vm::Value* args, int count);
  // Finds the Command again that a thawed machine waits for.
  std::expected<void, std::string> find_pending();

  // ---- Constant.
  moonlet::Host* const host;
  Allocator* const allocator;  // null: the process's

  // ---- Constant but for an upgrade.
  std::shared_ptr<const ImageRecord> image;

  // ---- Part of a state. A Vm at rest has no machine, but the state to make it from.
  const std::string& id();
  void set_id(std::string_view text);
  void make_id();
  std::uint64_t sequence = 0;
  std::unique_ptr<vm::Vm> machine;

  // ---- Found again on thaw.
  std::unique_ptr<Command> pending;

  // ---- The host's, not part of a state.
  const Value& config() const;
  void set_config(const Value& value);
  // While main chunks run, who finds modules.
  const ModuleFinder* find_module = nullptr;
  void* context = nullptr;
  const void* context_type = nullptr;
  std::unique_ptr<std::string> raise_next;  // message of the error that the next run raises
  std::atomic<bool> is_running{false};
  std::atomic<vm::StopRequest> stop_request{vm::StopRequest::None};
  // The machine is, or will be, individual: applied when there is one.
  void make_individual(const ForkOptions& options);

 private:
  // Most Vms have neither a text of their own for an id nor a configuration.
  std::uint64_t id_number_[2] = {};
  std::unique_ptr<std::string> id_text_;
  std::unique_ptr<Value> config_;
  void give_up_rest_state();
  char* rest_state_ = nullptr;
  std::size_t rest_bytes_ = 0;
  decltype(vm::Vm::files) rest_files_{nullptr, nullptr};  // with what was read ahead
  // What distinguishes a fork, until it first wakes.
  struct Birth {
    std::uint64_t seed[2];
    std::unique_ptr<Limits> limits;  // null: none
  };
  Birth birth_{};
  bool is_newborn_ = false;
};

// Makes the Vm behind a fork or thaw. The state is a machine's (image/state.hpp).
std::expected<std::unique_ptr<VmRecord>, std::string> thaw_record(
    std::shared_ptr<const ImageRecord> image, std::string_view state, const ForkOptions& options);

// Fields of the registry: results of main chunks, and whether begin_close() was called.
inline constexpr std::string_view kModules = "_MOONLET_MODULES";
inline constexpr std::string_view kIsClosing = "_MOONLET_IS_CLOSING";

}  // namespace moonlet::api
