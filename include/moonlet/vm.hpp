// One isolated program.
//
// A Vm is used by one thread at a time and may be handed to another between calls; a second one
// inside run() ends the process with a message. interrupt() alone may be called from any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moonlet/engine.hpp"
#include "moonlet/host.hpp"
#include "moonlet/image.hpp"
#include "moonlet/image_store.hpp"
#include "moonlet/outcome.hpp"
#include "moonlet/value.hpp"

namespace moonlet {

struct RunOptions {
  std::uint64_t fuel = UINT64_MAX;  // about one unit an instruction
  std::uint64_t trip_every = 0;     // test aid: Preempted at every n-th safepoint
};

struct Usage {
  std::uint64_t memory_bytes = 0;  // logical
  std::uint64_t fuel = 0;
  std::uint64_t safepoints = 0;  // counted while trip_every is set
  // Of this Vm since it was forked or thawed.
  std::uint64_t allocations = 0;
  std::uint64_t memory_errors = 0;  // "not enough memory" that the Vm raised
};

// Test aids for the memory of a Vm.
struct Stress {
  bool collects_always = false;         // full collection at every checkpoint
  std::int64_t failing_allocation = 0;  // the n-th from now on fails; 0: none
  std::int64_t failing_count = 1;       // and so many in all, one after the other
};

enum class TripCheck : std::uint8_t { None, SameBytes };

class Vm {
 public:
  Vm(Vm&& other) noexcept;
  Vm& operator=(Vm&& other) noexcept;
  ~Vm();  // runs nothing of the script's

  // A Vm that goes on where freeze() was called. `options.id` and `options.seed` are not used: both
  // are part of the state. The error says why these bytes are none of this image's states.
  [[nodiscard]] static std::expected<Vm, std::string> thaw(const Image& image,
                                                           std::string_view state,
                                                           const ForkOptions& options = {});

  // The same on the image that the state names. The error says when the store does not have it.
  [[nodiscard]] static std::expected<Vm, std::string> thaw(const ImageStore& store,
                                                           std::string_view state,
                                                           const ForkOptions& options = {});
  // Image::hash() of the image that the state belongs to.
  [[nodiscard]] static std::expected<std::string, std::string> image_hash(std::string_view state);

  // Prepares a call of the function that `path` leads to in what the main chunk of `module`
  // returned: start("order", {"handlers", "process"}, {input}). run() then runs it on a stack of
  // its own. An error when there is none, or when a call is under way.
  [[nodiscard]] std::expected<void, std::string> start(std::string_view module,
                                                       const std::vector<std::string>& path,
                                                       const std::vector<Value>& arguments);

  // Runs until something of Outcome happens. A Vm that waits for an answer answers Suspended again.
  [[nodiscard]] Outcome run(const RunOptions& options = {});

  // The Command that waits for its answer, or nullptr. Known right after thaw(), too.
  const Command* pending() const;
  // Answers it: the values are what the call returns, the error is raised there (a text with the
  // position in front). Refused, without effect, when `id` is not the pending Command's.
  [[nodiscard]] std::expected<void, std::string> resume(const CommandId& id,
                                                        const std::vector<Value>& values);
  [[nodiscard]] std::expected<void, std::string> resume_with_error(const CommandId& id,
                                                                   const Value& error);

  // Ends the current run soon, as Preempted.
  void interrupt();
  // The next run() raises this error where the program stands. REQUIRES: preempted.
  void raise(std::string_view message);
  // Prepares the end: run() then closes pending variables and calls finalizers.
  [[nodiscard]] std::expected<void, std::string> begin_close();

  // The program as bytes, at any time between runs; it can go on afterwards. Collects in full. The
  // error names what cannot be frozen.
  [[nodiscard]] std::expected<std::string, std::string> freeze();
  // Lets go of what a Vm needs only while it is used: it keeps its state alone, as freeze() would
  // give it, a few hundred bytes for a small script. Whatever is called next wakes it, which takes
  // as long as thawing and can fail for lack of memory. Forks begin at rest. The error names what
  // cannot be frozen, or says that there are host objects; the Vm then stays awake. Test aids
  // (Stress) end.
  [[nodiscard]] std::expected<void, std::string> rest();
  bool is_resting() const;
  // An image whose forks begin where this Vm stands now, in the middle of a call or idle. It has
  // everything of its own: neither this Vm nor its image are needed for it.
  [[nodiscard]] std::expected<Image, std::string> seal();
  // A Vm of its own, in the same place, with another id and without context; at rest.
  [[nodiscard]] std::expected<Vm, std::string> fork(const ForkOptions& options = {});
  // Test aid: freeze, drop, thaw in fresh memory; open files stay. The state, which is no one that
  // thaw() takes. With SameBytes, the thawed program is frozen again and has to give the same.
  [[nodiscard]] std::expected<std::string, std::string> trip(TripCheck check = TripCheck::None);
  void set_stress(const Stress& stress);
  // For trips into another process: what was read ahead of the standard input and not yet used,
  // which no state has. Taken from one Vm, it is given to the other before that runs.
  std::string take_unread_input();
  void give_unread_input(std::string_view text);
  // Test aid: what is broken in this Vm's memory; empty: nothing. Takes as long as the heap is
  // large.
  std::string find_damage() const;

  const std::string& id() const;
  Usage usage() const;

  // The host's own data: neither owned nor frozen.
  template <typename T>
  void set_context(T* context) {
    set_context(context, context_type<T>());
  }
  template <typename T>
  T* context() const {
    return static_cast<T*>(context(context_type<T>()));
  }

  // Names that complete `text`, a name or a chain of fields (a.b.c), looking without running
  // anything.
  std::vector<std::string> completions(std::string_view text) const;

 private:
  friend class Image;
  explicit Vm(std::unique_ptr<api::VmRecord> record);
  void set_context(void* context, const void* type);
  void* context(const void* type) const;
  std::unique_ptr<api::VmRecord> record_;
};

}  // namespace moonlet
