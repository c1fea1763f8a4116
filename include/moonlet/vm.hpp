// One isolated program.
//
// A Vm is used by one thread at a time and may be handed to another between calls; a second one
// that runs, starts, answers, freezes, seals, forks, restores or upgrades it meanwhile ends the
// process with a message. interrupt() alone may be called from any thread. A Vm that was moved from
// can only be destroyed or assigned to. Vms do not keep each other waiting: they share nothing that
// changes.
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
#include "moonlet/limits.hpp"
#include "moonlet/outcome.hpp"
#include "moonlet/snapshot.hpp"
#include "moonlet/stack.hpp"
#include "moonlet/upgrade.hpp"
#include "moonlet/value.hpp"

namespace moonlet {

struct RunOptions {
  // For this run, then Preempted; about one unit an instruction. The least, also of 0, is what
  // leads to the next safepoint.
  std::uint64_t fuel = UINT64_MAX;
  std::uint64_t trip_every = 0;  // test aid: Preempted at every n-th safepoint
};

struct Usage {
  // Logical: the same on every platform, garbage that was not yet swept included. What is in the
  // image and shared is not counted.
  std::uint64_t memory_bytes = 0;
  std::uint64_t fuel = 0;         // of all runs; it stays over a freeze and thaw
  std::uint64_t run_time_ns = 0;  // while there is a limit to it
  std::uint64_t coroutines = 0;   // alive, or not yet found dead; the main one not counted
  std::uint64_t safepoints = 0;   // counted while trip_every is set
  // Of this Vm since it was forked or thawed.
  std::uint64_t allocations = 0;
  std::uint64_t memory_errors = 0;  // "not enough memory" that the Vm raised
};

// Of Usage::memory_bytes: what a category has.
struct MemoryCategory {
  std::string name;  // empty: all that is in no other
  std::uint64_t bytes = 0;
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
  // are part of the state. Configuration and context are not, and have to be given again. The error
  // says why these bytes are none of this image's states. They may come from anywhere; nothing of
  // them is kept when this returns.
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
  // its own. An error when there is none, when a call is under way, when an argument is no data
  // that a script can have, or when there is not enough memory; the Vm is then as it was.
  [[nodiscard]] std::expected<void, std::string> start(std::string_view module,
                                                       const std::vector<std::string>& path,
                                                       const std::vector<Value>& arguments);

  [[nodiscard]] std::expected<void, std::string> start(const EntryPoint& entry,
                                                       const std::vector<Value>& arguments);

  // Names of the functions in the table that `path` leads to in the same way, in their order: what
  // start() would find there. Runs nothing. Empty: there are none, or no such table.
  std::vector<std::string> functions(std::string_view module,
                                     const std::vector<std::string>& path) const;

  // Runs until something of Outcome happens. A Vm that waits for an answer answers Suspended again;
  // an idle one answers Failed.
  [[nodiscard]] Outcome run(const RunOptions& options = {});

  // The Command that waits for its answer, or nullptr. Known right after thaw(), too.
  const Command* pending() const;
  // Answers it: the values are what the call returns (sys.emit and sys.log return none, whatever is
  // given), the error is raised there (a text with the position in front). run() then goes on.
  // Refused, without effect, when `id` is not the pending Command's, or for lack of memory.
  [[nodiscard]] std::expected<void, std::string> resume(const CommandId& id,
                                                        const std::vector<Value>& values);
  [[nodiscard]] std::expected<void, std::string> resume_with_error(const CommandId& id,
                                                                   const Value& error);

  // Ends the run under way soon, or else the next one, as Preempted: at the next safepoint after at
  // most 4,096 units of fuel. From any thread, as long as the Vm exists.
  void interrupt();
  // The same as Killed, for good: nothing of the program is called, nothing runs in this Vm any
  // more, unless restore() makes it what it was before. It can still be frozen and looked at. Any
  // thread.
  void kill();
  // Ends the call under way, wherever it stands, without calling anything of the program: pending
  // variables are dropped, captured ones stay as they are. What the program has built stays usable,
  // and start() can be called again.
  [[nodiscard]] std::expected<void, std::string> cancel();
  // The next run() raises this error, with the position in front, where the program stands; the
  // script may catch it. Without effect unless the last run ended as Preempted.
  void raise(std::string_view message);
  // Prepares the end: run() then closes pending variables and calls finalizers.
  [[nodiscard]] std::expected<void, std::string> begin_close();

  // The program as bytes (docs/formats/state.md), at any time between runs; it can go on
  // afterwards. Collects in full. The error names what cannot be frozen.
  [[nodiscard]] std::expected<std::string, std::string> freeze();
  // Finds all that is dead, and frees it. Finalizers of the program are called by the next run.
  // Without effect on a Vm at rest, which has nothing dead.
  void collect();
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

  // Rollback: where the program stands, to go back there, at any time between runs, as often as
  // is wanted. After restore(), freeze() gives what it gave at snapshot(): memory, threads, random
  // numbers, limits and what was used of them, the Command that waits, the number of the next one.
  // So the program goes the same way again if it is given the same, and its Commands have the same
  // ids again. A host that keeps its answers by id can give them again; one that means to answer
  // otherwise lets go of what it still works on, because an answer that comes late would be taken
  // for the new Command of that id.
  //
  // Not restored: id, context, configuration, what was read ahead of the standard input; an
  // interrupt() or kill() that is still on its way stays so. What raise() was given is dropped, and
  // test aids (Stress) end. What usage() counts since the Vm was made begins anew. A Vm that was
  // killed, or failed, is again what it was.
  //
  // snapshot() collects in full, as freeze() does, and is as much a part of a history. Its error
  // names what cannot be frozen, or says that there are host objects whose type releases them.
  [[nodiscard]] std::expected<Snapshot, std::string> snapshot();
  // The error says that the snapshot is of a Vm with another id or image, or that there is not
  // enough memory; the Vm is then as it was.
  [[nodiscard]] std::expected<void, std::string> restore(const Snapshot& snapshot);

  // Live upgrade: an idle Vm goes on with a newer image of the same program. Its data stay; its
  // functions get the code that the newer image has at the same path; what the newer image's main
  // chunks define, and the older one's did not, is added. docs/upgrade.md has the rules. From then
  // on it is a Vm of that image: freeze() names it. Id, configuration, context, limits and what was
  // used of them, random numbers and the number of the next Command stay.
  //
  // The refusal names everything that stands against it at once; then nothing has changed, but for
  // a full collection, and what is left of a call that has failed. A Vm in the middle of a call is
  // refused: it ends on its own image. So is an image of another Engine.
  [[nodiscard]] std::expected<UpgradeReport, UpgradeRefusal> upgrade(const Image& newer);

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

  // What the program allocates counts in this category until the next call: new objects with all
  // that they grow to, stacks included. An object stays in its category until it is swept; a short
  // string is in that of the first who made it. The empty name is that of the rest, as at first.
  // Part of the state and of forks. The error: the name has more than 64 bytes, or there are 15
  // names already.
  [[nodiscard]] std::expected<void, std::string> set_memory_category(std::string_view name);
  // The rest first, then the names in the order in which they came. Together usage().memory_bytes.
  std::vector<MemoryCategory> memory_by_category() const;

  Limits limits() const;
  // In effect at once, between runs. What was used so far counts.
  [[nodiscard]] std::expected<void, std::string> set_limits(const Limits& limits);

  const std::string& id() const;
  Usage usage() const;
  // Where the call under way stands, innermost function first, with local variables; at most so
  // many frames. Runs nothing of the program's. Empty: the Vm is idle.
  std::vector<StackFrame> stack(std::size_t frames_max = 1000) const;

  // The host's own data, which HostCall::context() gives to its functions: neither owned nor
  // frozen. One pointer; a second call replaces it, whatever its type. Of another T than the one
  // that was set, context() is nullptr.
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
  friend class EntryPoint;
  struct Place;
  explicit Vm(std::unique_ptr<api::VmRecord> record);
  std::expected<void, std::string> start_at(const Place& place,
                                            const std::vector<Value>& arguments);
  void set_context(void* context, const void* type);
  void* context(const void* type) const;
  std::unique_ptr<api::VmRecord> record_;
};

}  // namespace moonlet
