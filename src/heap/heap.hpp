// One Vm's memory: allocator, accounting, interned strings, roots, and the collector's state.
//
// The rule that keeps native code simple: ALLOCATING NEVER COLLECTS. The collector runs only at
// checkpoints: before an instruction that allocates, before a builtin starts, and where a builtin
// says so. Between two checkpoints a raw object pointer stays valid, reachable or not.
// Allocation fails (nullptr) when the host's allocator does, or when the logical limit would be
// passed by more than a small overdraft; the interpreter then collects in full and starts the
// instruction or builtin over, once, before it raises "not enough memory". So every operation
// that allocates does so before its first visible effect.
//
// Logical bytes: what was allocated and not yet swept, each block rounded up to 8; the same on
// every platform.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/lazy_vector.hpp"
#include "heap/object.hpp"
#include "heap/thread.hpp"

namespace moonlet::heap {

enum class Event : std::uint8_t {
#define ML_EVENT(name, text) name,
#include "heap/events.def"
};
inline constexpr int kEventCount = 0
#define ML_EVENT(name, text) +1
#include "heap/events.def"
    ;
static_assert(kEventCount <= 32, "Table::absent_events has a bit for each event");
static_assert(static_cast<int>(Event::Shr) - static_cast<int>(Event::Add) == 11);

// Order of Heap::type_metatables.
enum class BasicType : std::uint8_t {
  Nil,
  Boolean,
  LightUserdata,
  Number,
  Vector,
  String,
  Table,
  Function,
  Userdata,
  Thread,
  Buffer
};
inline constexpr int kBasicTypeCount = 11;
BasicType basic_type(const Value& value);
std::string_view basic_type_name(BasicType type);

// Strings that are the keys of events, and names of types. All Vms of an engine share them.
struct EventNames {
  String* names[kEventCount] = {};
  String* types[kBasicTypeCount] = {};
  const String* operator[](Event event) const { return names[static_cast<int>(event)]; }
};

// Metatables by BasicType. Heaps share one until they change it.
struct BasicMetatables {
  Table* of[kBasicTypeCount] = {};
};

// Where blocks come from. All may be called on any thread that uses the Vm.
struct HostAllocator {
  void* (*allocate)(void* context, std::size_t bytes);  // aligned to 16; nullptr: none left
  void (*release)(void* context, void* block, std::size_t bytes);
  // May be null, or answer nullptr: the block is as it was, and has to be copied.
  void* (*resize)(void* context, void* block, std::size_t bytes, std::size_t wanted);
  void* context;
  // May be null. What stands in a part of a block is not needed any more, and its memory is better
  // given back now than all at once when the block is released.
  void (*forget)(void* part, std::size_t bytes) = nullptr;
  // May be null. The three for blocks of kMappedFrom and more that come one by one: memory by the
  // system's pages. To make one longer copies nothing; nullptr: it is as it was.
  void* (*map)(std::size_t bytes) = nullptr;
  // `kept`: bytes from its beginning that were not forgotten.
  void (*unmap)(void* block, std::size_t bytes, std::size_t kept) = nullptr;
  void* (*remap)(void* block, std::size_t bytes, std::size_t wanted) = nullptr;
};
HostAllocator default_host_allocator();

enum class NextResult : std::uint8_t;  // table.hpp
struct Marking;                        // collector.hpp

// Ending: the marking is being ended, in slices between which the script may not run.
enum class Phase : std::uint8_t { Pause, Propagate, Ending, Sweep, SweepEnd };
enum class GcMode : std::uint8_t { Incremental, Generational };

// Why an allocation failed.
enum class Refusal : std::uint8_t {
  Host,
  Limit,
  Table,
  Coroutines,
  Identities,
  Again,  // none is lacking: there is more to do, and nothing has happened yet
};

class Growth;        // table_growth.hpp
struct StringWork;   // long_strings.hpp
struct MethodCache;  // shape.hpp

// Logical bytes by what the program was about when it took them: those of an object and its parts
// are of the category that was the heap's when the object was made.
struct Categories {
  std::vector<std::string> names;            // of category 1, 2 ...; all different
  std::uint64_t bytes[kCategoryCount] = {};  // of all but category 0, which has the rest
};

// Interned strings by hash. A slot is a string's address with the upper 16 bits of its hash above
// it: most strings that are not meant can be told without a look at them. 0: nobody.
struct StringSet {
  std::uint64_t* slots = nullptr;
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;  // power of two, or 0
};

struct Heap {
  explicit Heap(const HostAllocator& host);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // --- Blocks. Sizes are passed back on release; contents are not initialised.
  [[nodiscard]] void* allocate(std::size_t bytes);
  void release(void* block, std::size_t bytes);
  // Another block with the contents of this one, as far as they fit, in its stead: what allocating,
  // copying and releasing would do, but a large block is often only made longer. nullptr: that
  // allocation would have failed; nothing has changed.
  [[nodiscard]] void* resize(void* block, std::size_t bytes, std::size_t wanted);

  // Can extend() make this block longer?
  bool can_extend(const void* block, std::size_t bytes) const {
    return bytes >= kMappedFrom && host_.remap != nullptr && !is_of_first_block(block);
  }
  // For a block that is to be replaced by a longer one with the same contents: counts as allocate()
  // of the longer one does, but answers the same block, perhaps moved and not copied. What is not
  // needed any more, the old or the new size, is taken back by forget_extended(). nullptr: as for
  // allocate(), nothing has changed. REQUIRES: can_extend().
  [[nodiscard]] void* extend(const Object& owner, void* block, std::size_t wanted);
  void forget_extended(const Object& owner, std::size_t bytes);

  // The same for what an object refers to alone: it counts in the object's category.
  [[nodiscard]] void* allocate_part(const Object& owner, std::size_t bytes) {
    void* block = allocate(bytes);
    if (ML_LIKELY(block != nullptr)) count_part(owner, bytes);
    return block;
  }
  void release_part(const Object& owner, void* block, std::size_t bytes) {
    release(block, bytes);
    if (ML_UNLIKELY(owner.category() != 0)) {
      categories->bytes[owner.category()] -= (bytes + 7) & ~std::size_t{7};
    }
  }
  [[nodiscard]] void* resize_part(const Object& owner, void* block, std::size_t bytes,
                                  std::size_t wanted) {
    void* resized = resize(block, bytes, wanted);
    if (ML_UNLIKELY(owner.category() != 0) && resized != nullptr) {
      count_part(owner, wanted);
      categories->bytes[owner.category()] -= (bytes + 7) & ~std::size_t{7};
    }
    return resized;
  }
  // A block of that size was allocated for it.
  void count_part(const Object& owner, std::size_t bytes) {
    if (ML_UNLIKELY(owner.category() != 0)) {
      categories->bytes[owner.category()] += (bytes + 7) & ~std::size_t{7};
    }
  }
  // New objects are of this category from now on; the empty name is category 0's. False: there are
  // kCategoryCount already.
  [[nodiscard]] bool set_category(std::string_view name);

  // Without accounting: what can be found out again.
  [[nodiscard]] void* allocate_uncounted(std::size_t bytes) {
    return allocate_block((bytes + 7) & ~std::size_t{7});
  }
  void release_uncounted(void* block, std::size_t bytes) {
    release_block(block, (bytes + 7) & ~std::size_t{7});
  }

  // Begins with a block of `bytes` that the caller fills with objects, and `room` bytes behind for
  // further ones. REQUIRES: a fresh heap, bytes a multiple of 8. nullptr: no memory.
  [[nodiscard]] char* begin_with_block(std::size_t bytes, std::size_t room);
  std::uintptr_t first_block() const { return first_block_; }
  // Links exactly these objects, the first of them newest.
  void relink(const std::vector<Object*>& order);
  // Frees these and forgets the list: everything else has become permanent.
  void keep_permanent(const std::vector<Object*>& others);
  // Adds strings of another set to this heap's, which must not be collected any more.
  [[nodiscard]] bool adopt_strings(const StringSet& others);

  // Large blocks that were released wait to be used again, or given back to the host piece by piece
  // (large_blocks.cpp): to do so at once takes a millisecond for 10 MB.
  void give_back_some() {
    if (ML_LIKELY(idle_bytes_ == 0)) return;
    forget_peak();
    if (idle_bytes_ > idle_bytes_max()) give_back(kGivenBackAtOnce);
  }
  void give_back_all() { give_back(SIZE_MAX); }

  // --- Objects: linked, white. nullptr when out of memory.
  [[nodiscard]] String* new_string(std::string_view text);
  // A long string (size > kShortStringSize) to be filled by the caller, or nullptr.
  [[nodiscard]] String* new_long_string_raw(std::size_t size);
  [[nodiscard]] Table* new_table(std::uint32_t array_capacity = 0,
                                 std::uint32_t entry_capacity = 0);
  // Shaped, with room for at least this many fields behind the record.
  // REQUIRES: 0 < fields <= kShapeKeysMax.
  [[nodiscard]] Table* new_record(std::uint32_t array_capacity, std::uint32_t fields);
  // A dictionary with the given inline step in its flags, to be restored.
  [[nodiscard]] Table* new_bare_table(std::uint8_t inline_step);
  [[nodiscard]] Closure* new_closure(Proto* proto);  // upvalues null
  [[nodiscard]] Cell* new_closed_cell(const Value& value);
  [[nodiscard]] Userdata* new_userdata(std::uint32_t size, std::uint16_t user_values);
  [[nodiscard]] Buffer* new_buffer(std::uint32_t capacity);
  [[nodiscard]] Thread* new_thread(std::uint32_t stack_slots);
  [[nodiscard]] Object* new_object(Kind kind, std::size_t bytes);

  // Number of an object, given on first use.
  std::uint64_t identity(Object* object) {
    const std::uint64_t id = object->identity();
    return ML_LIKELY(id != 0) ? id : give_identity(object);
  }
  std::uint64_t give_identity(Object* object);  // 0: there is none left
  // False: it has no number, and there is none left.
  bool can_identify(const Object* object) {
    if (ML_LIKELY(object->identity() != 0 || next_identity <= kIdentityMax)) return true;
    refusal = Refusal::Identities;
    return false;
  }

  // --- Barriers. To be called after an object that may be black was made to point to `to`.
  void barrier(Object* from, Object* to) {  // `to` is marked
    if (ML_UNLIKELY(from->is_black() && to->is_white())) barrier_forward(from, to);
  }
  void barrier(Object* from, const Value& to) {
    if (to.is_object()) barrier(from, to.object);
  }
  void barrier_back(Object* from) {  // `from` will be looked at again
    if (ML_UNLIKELY(from->is_black())) barrier_again(from);
  }
  void barrier_back(Object* from, const Value& to) {
    if (ML_UNLIKELY(from->is_black()) && to.is_object() && to.object->is_white()) {
      barrier_again(from);
    }
  }
  void barrier_back(Table* from, const Value& to) {
    if (ML_UNLIKELY(from->is_black()) && to.is_object() && to.object->is_white()) {
      barrier_stored(*from, &to, 1);
    }
  }
  // Of tables. To look at a large one again for each store would have no end: what was stored into
  // it is marked instead.
  void barrier_store(Table* table, const Value& to) {
    if (ML_UNLIKELY(table->is_black())) barrier_stored(*table, &to, 1);
  }
  void barrier_store(Table& table, const Value* values, std::size_t count) {
    if (ML_UNLIKELY(table.is_black())) barrier_stored(table, values, count);
  }
  // Values of `table` changed places. A traversal under way might miss them.
  void table_moved(Table& table) {
    if (ML_UNLIKELY(table.is_black()) && phase == Phase::Propagate) barrier_moved(table);
  }
  // Every change of the current thread goes through here. Stores to its stack have no barrier; it
  // is looked at when the marking ends, or after it has been left.
  void switch_thread(Thread* to) {
    if (ML_UNLIKELY(phase == Phase::Propagate)) barrier_switch(to);
    current_thread = to;
  }
  // Anything else has changed in a thread that does not run.
  void thread_changed(Thread& thread) {
    if (ML_UNLIKELY(phase == Phase::Propagate)) barrier_thread(thread);
  }
  Table* basic_metatable(BasicType type) const {
    return basic_metatables->of[static_cast<int>(type)];
  }
  // False: no memory.
  [[nodiscard]] bool set_basic_metatable(BasicType type, Table* metatable);

  void barrier_forward(Object* from, Object* to);
  void barrier_again(Object* from);
  void barrier_stored(Table& table, const Value* values, std::size_t count);
  void barrier_moved(Table& table);
  void barrier_switch(Thread* to);
  void barrier_thread(Thread& thread);

  // --- Collector (collector.cpp). REQUIRES: at a checkpoint, threads saved.
  bool wants_step() const {
    return ML_UNLIKELY(debt > 0) && !is_stopped_by_user && !is_stopped_internally;
  }
  void step();  // one slice of what the debt asks for
  // May the script not run before further slices? REQUIRES while it is so: neither allocations nor
  // stores.
  bool is_blocked() const { return phase == Phase::Ending || full_stage_ != FullStage::None; }
  void go_on();  // one of those slices
  bool is_in_full() const { return full_stage_ != FullStage::None; }
  // An explicit step, stopped or not, as if `kilobytes` had been allocated (0: one basic slice):
  // step() until it has ended. It ended a cycle when the phase is Pause then. False: nothing is
  // due.
  [[nodiscard]] bool begin_step(std::size_t kilobytes);
  bool has_ended_step() const { return !is_blocked() && (debt <= 0 || phase == Phase::Pause); }
  // All of that at once. True when it ended a cycle.
  bool step_once(std::size_t kilobytes);
  // A full collection: in slices, which go_on() does, or at once.
  void begin_full();
  void collect_full();
  // Does what is_blocked() waits for.
  void unblock() {
    while (ML_UNLIKELY(is_blocked())) go_on();
  }
  // Registers an object whose metatable has __gc. Once is enough, until it has become pending.
  [[nodiscard]] bool register_finalizer(Object* object);
  // Makes every registered finalizer pending, for the end of a Vm.
  void pend_all_finalizers();

  std::uint64_t live_limit() const { return memory_limit; }
  static constexpr std::uint64_t kReserveBytes = 8 * 1024;
  void close_reserve() {
    if (logical_bytes <= memory_limit) reserve_is_open = false;
  }

  // ---- Accounting: part of a frozen state.
  std::uint64_t logical_bytes = 0;
  std::uint64_t memory_limit = UINT64_MAX;
  // The program has been told that it hit the limit, and may go kReserveBytes beyond it, until a
  // collection finds that it is below again.
  bool reserve_is_open = false;
  std::uint64_t soft_memory_limit = UINT64_MAX;            // the collector tries to stay below
  std::uint64_t table_slots_max = std::uint64_t{1} << 30;  // capacity of an array, of a dictionary
  std::uint8_t category_bits = 0;  // of new objects, as in Object::category_and_identity_high
  std::unique_ptr<Categories> categories;  // null: there is only category 0
  std::int64_t debt = -(64 * 1024);        // bytes allocated beyond the start of the next slice
  std::uint64_t next_identity = 1;
  std::uint64_t estimate = 0;  // live bytes after the last cycle
  int pause_percent = 200;
  int step_multiplier = 100;
  int step_size_log2 = 13;
  GcMode mode = GcMode::Incremental;
  bool is_stopped_by_user = false;     // collectgarbage("stop")
  bool is_stopped_internally = false;  // while a finalizer runs or a state is being closed

  // ---- Roots (collector.cpp names each of them once).
  Thread* main_thread = nullptr;
  Thread* current_thread = nullptr;
  Table* globals = nullptr;
  Table* registry = nullptr;
  const BasicMetatables* basic_metatables;  // never null
  const EventNames* event_names;            // never null
  Value error = Value::nil();
  base::LazyVector<Value> extra_roots;           // host handles, prelude functions
  base::LazyVector<Object*> finalizable;         // in order of registration
  base::LazyVector<Object*> pending_finalizers;  // to be called, last first

  std::uint32_t thread_count = 0;   // not yet swept
  Refusal refusal = Refusal::Host;  // why allocation failed last

  // ---- A table's growth that waits (table_growth.hpp).
  Growth* growth = nullptr;
  StringWork* string_work = nullptr;  // or that of a long string (long_strings.hpp)
  bool may_grow_in_pieces = false;    // set around what starts over on Refusal::Again
  // Luau: a value that refers to its weak key keeps it. (Else that is an ephemeron.)
  bool weak_keys_are_held = false;
  bool grows_whole = true;         // the next growth, which may have been dropped before
  std::uint64_t unpaid_units = 0;  // fuel for growth since that was last charged
  // Notes the growth. False: no memory.
  [[nodiscard]] bool keep_growth(const Growth& waiting);
  // Its rest is being done.
  void forget_growth();
  // It will begin anew.
  void drop_growth() {
    if (ML_UNLIKELY(growth != nullptr || string_work != nullptr)) drop_waiting_growth();
  }
  void drop_waiting_growth();
  [[nodiscard]] bool keep_string_work(const StringWork& work);
  void forget_string_work();
  // While something waits, the collector's debt is out of reach: wants_step() is false.
  static constexpr std::int64_t kDebtAside = std::int64_t{1} << 60;

  // ---- Test aids.
  std::int64_t fail_countdown = -1;  // >= 0: after so many more, the next `fail_length` fail
  std::int64_t fail_length = 1;
  std::uint64_t allocation_count = 0;
  bool stress_collect = false;  // full collection at every checkpoint
  bool stress_slices = false;   // the smallest slice at every checkpoint
  bool poison_freed = false;

  // ---- Rebuilt on thaw.
  Object* objects = nullptr;
  Phase phase = Phase::Pause;
  std::uint8_t current_white = kWhite0;

  Shape* root_shape = nullptr;                // weak
  base::LazyVector<Shape*> image_children;    // weak: own shapes whose parents are an image's
  std::uint32_t shape_count = 0;              // own ones
  std::unique_ptr<MethodCache> method_cache;  // made when sites ask for it

  StringSet strings;
  const StringSet* image_strings = nullptr;  // looked up first; never written
  std::uint64_t hash_key[2];                 // per process

 private:
  friend struct Collector;
  struct FreeBlock {
    FreeBlock* next;
  };
  // Free memory of more than kSmallLimit: becomes the next stretch to cut blocks from.
  struct FreeRun {
    FreeRun* next;
    std::size_t bytes;
  };
  struct FreeMap;  // defragment.cpp
  struct Chunk {
    Chunk* next;
    std::size_t bytes;
  };
  struct Large {
    Large* previous;
    Large* next;
    std::size_t bytes;
    std::size_t kept;  // bytes from its beginning that have memory, or, in use, are needed
  };
  // Of a full collection: what was under way comes to its end first.
  enum class FullStage : std::uint8_t { None, Before, Cycle };
  static constexpr std::size_t kSmallLimit = 512;
  static constexpr std::size_t kOverdraftBytes = 1024;
  static constexpr std::size_t kChunkBytesMin = 1024;
  static constexpr std::size_t kFreeBytesKept = 32 * 1024;
  static constexpr std::size_t kDeadShapeBytesMax = 256 * 1024;
  // The same without accounting: for what is rebuilt on thaw.
  void* allocate_block(std::size_t rounded);
  void release_block(void* block, std::size_t rounded);
  bool is_told_to_fail();
  void* allocate_large(std::size_t rounded);
  void* allocate_from_host(std::size_t bytes);
  void* resize_large(void* block, std::size_t rounded);
  void release_large(void* block);
  static constexpr std::size_t kGivenBackAtOnce = 16 * 1024;
  static constexpr std::size_t kMappedFrom = 128 * 1024;
  bool is_mapped(std::size_t bytes) const { return bytes >= kMappedFrom && host_.map != nullptr; }
  void release_to_host(Large* large) {
    if (is_mapped(large->bytes)) return host_.unmap(large, large->bytes, large->kept);
    host_.release(host_.context, large, large->bytes);
  }
  void move_large(Large* large);
  void* resize_mapped(Large* old, std::size_t bytes);
  // So much that was released may wait to be used again: what was in use of late.
  std::size_t idle_bytes_max() const;
  void forget_peak() { large_peak_ -= (large_peak_ - large_bytes_) / 65'536; }
  Large* take_idle(std::size_t bytes);
  void unlink_idle(Large* block);
  void give_back(std::size_t bytes);
  // So much has been asked of the host.
  void give_back_for(std::size_t bytes) {
    if (ML_UNLIKELY(idle_bytes_ != 0)) give_back_twice(bytes);
  }
  void give_back_twice(std::size_t bytes);
  bool is_within_limit(std::size_t rounded);
  void* refill(std::size_t rounded);
  // Joins free blocks that touch, so that they can be cut into other sizes, and gives whole chunks
  // back to the host. For when more than half of the chunks has become free: without it, a script
  // that fills its limit with one size after the other would take the limit many times over.
  void defragment();
  void add_free(char* begin, std::size_t bytes);
  bool wants_defragment() const {
    return chunk_bytes_ / 2 > logical_bytes + kFreeBytesKept && swept_bytes_ > chunk_bytes_ / 4;
  }
  String* find_interned(std::string_view text, std::uint32_t hash);
  String* find_string(std::string_view text);
  friend Value get_field(Heap& heap, const Table& table, std::string_view name);
  std::uint64_t multiplier() const;
  std::uint64_t step_bytes(std::int64_t due) const;
  // A change of the set's size that is under way.
  struct StringMove {
    StringSet fresh;         // while it is being zeroed
    StringSet old;           // then: from which strings move
    std::uint32_t next = 0;  // slot
  };
  String* find_own(std::string_view text, std::uint32_t hash) const;
  bool resize_strings(std::uint32_t capacity);
  void move_strings(std::uint32_t count);
  void finish_string_move();
  bool settle_some_strings();  // at the end of a cycle; false: nothing is left to do
  void forget_string(String* string);
  void free_object(Object* object);
  void forget_bytes(const Object& object, std::size_t rounded);  // in its category
  void free_parts(Object* object);
  // Does the block belong to the one that the Vm was born in? Its larger parts have no Large head.
  bool is_of_first_block(const void* block) const {
    const auto at = reinterpret_cast<std::uintptr_t>(block);
    return at - first_block_ < first_block_bytes_;
  }
  friend struct TableWriter;
  friend class Growth;
  friend struct HeapCheck;
  friend NextResult table_next(Heap& heap, const Table& table, const Value& key, Value& next_key,
                               Value& next_value);
  friend NextResult table_next(Heap& heap, const Table& table, const Value& key,
                               std::uint64_t& position, Value& next_key, Value& next_value);
  friend bool table_next_quickly(Heap& heap, const Table& table, const Value& key, Value* next);
  std::uint32_t& next_hint(const Table& table) {
    return next_hints_[(reinterpret_cast<std::uintptr_t>(&table) >> 6) % kNextHints];
  }

  HostAllocator host_;
  // Lists of free blocks by size, in groups that are made when first needed: most small heaps never
  // free blocks of most sizes.
  static constexpr std::size_t kListsInGroup = 8;
  static constexpr std::size_t kGroupCount = kSmallLimit / 8 / kListsInGroup;
  struct ListGroup {
    FreeBlock* lists[kListsInGroup] = {};
  };
  static const ListGroup kNoLists;
  const ListGroup* list_groups_[kGroupCount];
  // REQUIRES: bytes is a multiple of 8, at least 8, at most kSmallLimit.
  FreeBlock* first_free(std::size_t bytes) const {
    return list_groups_[(bytes - 8) / (8 * kListsInGroup)]->lists[(bytes - 8) / 8 % kListsInGroup];
  }
  // A list that may be written; nullptr: no memory for its group.
  FreeBlock** free_list(std::size_t bytes) {
    const ListGroup*& group = list_groups_[(bytes - 8) / (8 * kListsInGroup)];
    if (ML_UNLIKELY(group == &kNoLists) && !make_group(group)) return nullptr;
    return &const_cast<ListGroup*>(group)->lists[(bytes - 8) / 8 % kListsInGroup];
  }
  bool make_group(const ListGroup*& group);
  void add_to_list(void* block, std::size_t bytes);
  FreeBlock* take_from_list(std::size_t bytes);
  bool owns_basic_metatables_ = false;
  char* bump_ = nullptr;
  char* bump_end_ = nullptr;
  Chunk* chunks_ = nullptr;
  FreeRun* runs_ = nullptr;        // free stretches of more than kSmallLimit
  std::size_t chunk_bytes_ = 0;    // of all chunks
  std::uint64_t swept_bytes_ = 0;  // since the last defragment()
  std::size_t next_chunk_bytes_ = kChunkBytesMin;
  Large* large_ = nullptr;
  Large* idle_oldest_ = nullptr;  // `next` leads to those released later
  Large* idle_newest_ = nullptr;
  std::size_t large_bytes_ = 0;  // of all large blocks in use
  std::size_t large_peak_ = 0;   // the most of it, forgotten by and by
  std::size_t spare_bytes_ = 0;  // of those in use, what is not needed
  std::size_t idle_bytes_ = 0;   // of those that wait, what has memory
  // Shapes that have died: their places are not used again before all caches have forgotten them,
  // which happens to those that are doomed in the course of a sweep.
  Shape* dead_shapes_ = nullptr;
  Shape* doomed_shapes_ = nullptr;
  std::size_t dead_shape_bytes_ = 0;
  void release_doomed_shapes();
  std::uintptr_t first_block_ = 0;  // of begin_with_block()
  std::size_t first_block_bytes_ = 0;

  std::unique_ptr<Marking> marking_;  // while there is one, and until its memory is given back
  std::unique_ptr<StringMove> string_move_;
  Object** sweep_ = nullptr;
  FullStage full_stage_ = FullStage::None;

  // Entries that table_next() found last, by table: where to look first for the key that it is
  // given next. Only ever a guess.
  static constexpr std::uintptr_t kNextHints = 8;
  std::uint32_t next_hints_[kNextHints] = {};
};

// The finalizer to call next (its object), taken off the list; nullptr: none.
Object* next_finalizer(Heap& heap);

// Walks the whole heap for broken invariants: list, colours, string set, tables, threads,
// accounting. False and what is wrong. For tests and stress builds; slow.
bool check_heap(Heap& heap, std::string& problem);

// Makes a long string of a full Buffer whose capacity is its size + 1, in its place.
bool can_become_string(const Buffer& buffer);
String* to_string(Buffer& buffer);
// Notes a string's hash in it, before it becomes permanent.
void keep_hash(String& string);
std::uint32_t hash_bytes(const Heap& heap, std::string_view text);

}  // namespace moonlet::heap
